// The same as spark.py by the parser that Spark reads CSV with, alone, as Spark calls it: lines are cut
// before it, but with multiLine; columns that nobody asked for are left out of lines. So thousands of
// files take the time of some. A file a line, an answer a line.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import com.univocity.parsers.csv.UnescapedQuoteHandling;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

public class SparkParser {
  record Way(String name, char escape, boolean multiLine, boolean byPlace) {}

  static final List<Way> WAYS =
      List.of(
          new Way("spark", '\\', false, false),
          new Way("spark (multiLine)", '\\', true, false),
          new Way("spark (schema)", '\\', false, true),
          new Way("spark (schema, multiLine)", '\\', true, true),
          new Way("spark (escape: \")", '"', false, false),
          new Way("spark (multiLine, escape: \")", '"', true, false));
  static final String EMPTY = "\"\"";

  public static void main(String[] given) throws Exception {
    ObjectMapper json = new ObjectMapper();
    BufferedReader asked = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = asked.readLine(); line != null; line = asked.readLine()) {
      JsonNode file = json.readTree(line);
      String text = Files.readString(Path.of(file.get("path").asText()), StandardCharsets.ISO_8859_1);
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      String read = new String(bytes, StandardCharsets.UTF_8);
      if (read.startsWith("\ufeff")) read = read.substring(1);
      Map<String, String> said = new LinkedHashMap<>();
      for (Way way : WAYS) {
        try {
          said.put(way.name(), read(read, file, way));
        } catch (Exception error) {
          said.put(way.name(), "stops " + error.getClass().getSimpleName());
        }
      }
      System.out.println(json.writeValueAsString(said));
    }
  }

  static CsvParserSettings settings(JsonNode file, Way way) {
    CsvParserSettings settings = new CsvParserSettings();
    settings.getFormat().setDelimiter(file.get("delimiter").asText().charAt(0));
    settings.getFormat().setQuote('"');
    settings.getFormat().setQuoteEscape(way.escape());
    settings.setCommentProcessingEnabled(false);
    settings.setIgnoreLeadingWhitespaces(false);
    settings.setIgnoreTrailingWhitespaces(false);
    settings.setReadInputOnSeparateThread(false);
    settings.setMaxColumns(20480);
    settings.setMaxCharsPerColumn(-1);
    settings.setNullValue("");
    settings.setEmptyValue(EMPTY);
    settings.setUnescapedQuoteHandling(UnescapedQuoteHandling.STOP_AT_DELIMITER);
    settings.setLineSeparatorDetectionEnabled(way.multiLine());
    return settings;
  }

  static String read(String text, JsonNode file, Way way) throws Exception {
    List<String> lines = new ArrayList<>();
    List<String[]> rows = new ArrayList<>();
    CsvParser parser = new CsvParser(settings(file, way));
    String[] header = null;
    if (way.multiLine()) {
      parser.beginParsing(new StringReader(text));
      for (String[] row = parser.parseNext(); row != null; row = parser.parseNext()) rows.add(row);
      if (!rows.isEmpty()) header = rows.remove(0);
    } else {
      for (String line : text.split("\r\n|\n|\r", -1)) if (!line.trim().isEmpty()) lines.add(line);
      if (!lines.isEmpty()) header = parser.parseLine(lines.remove(0));
    }
    List<String> names = way.byPlace() ? list(file.get("columns")) : namesOf(header);
    Integer[] places = placesOf(file, names);
    if (!way.multiLine()) {
      CsvParserSettings asked = settings(file, way);
      asked.selectIndexes(places);
      asked.setColumnReorderingEnabled(false);
      CsvParser pruned = new CsvParser(asked);
      for (String line : lines) rows.add(pruned.parseLine(line));
    }
    return digest(rows, places);
  }

  /** Spark numbers names that are one in any case, and columns without a name. */
  static List<String> namesOf(String[] header) {
    Map<String, Integer> counts = new HashMap<>();
    for (String name : header) counts.merge(folded(name), 1, Integer::sum);
    List<String> names = new ArrayList<>();
    for (int at = 0; at < header.length; at += 1) {
      String name = header[at];
      if (folded(name).isEmpty()) names.add("_c" + at);
      else names.add(counts.get(folded(name)) > 1 ? name + at : name);
    }
    return names;
  }

  static String folded(String name) {
    return name == null || name.equals(EMPTY) ? "" : name.toLowerCase(Locale.ROOT);
  }

  static Integer[] placesOf(JsonNode file, List<String> names) {
    List<Integer> places = new ArrayList<>();
    for (String key : List.of("key", "consumed")) {
      for (String wanted : list(file.get(key))) {
        List<Integer> found = new ArrayList<>();
        for (int at = 0; at < names.size(); at += 1) {
          if (folded(names.get(at)).equals(folded(wanted))) found.add(at);
        }
        if (found.size() != 1) throw new IllegalArgumentException(wanted);
        places.addAll(found);
      }
    }
    return places.toArray(new Integer[0]);
  }

  static List<String> list(JsonNode array) {
    List<String> list = new ArrayList<>();
    array.forEach(one -> list.add(one.asText()));
    return list;
  }

  static String digest(List<String[]> rows, Integer[] places) throws Exception {
    List<String> said = new ArrayList<>();
    for (String[] row : rows) {
      List<String> cells = new ArrayList<>();
      for (int at : places) {
        String cell = at < row.length ? row[at] : null;
        cells.add(cell == null || cell.equals(EMPTY) ? "" : cell);
      }
      said.add(String.join("\0", cells));
    }
    said.sort(null);
    byte[] text = String.join("\n", said).getBytes(StandardCharsets.UTF_8);
    StringBuilder hex = new StringBuilder();
    for (byte one : MessageDigest.getInstance("SHA-256").digest(text)) {
      hex.append(String.format("%02x", one));
    }
    return said.size() + " " + hex.substring(0, 24);
  }
}
