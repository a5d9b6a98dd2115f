//! The comparison by csv-diff, a library that compares rows by the key of both copies, counted by the
//! columns that are consumed. It knows no repeated keys, so no `duplicated` is told.
use csv_diff::csv::Csv;
use csv_diff::csv_diff::CsvByteDiffBuilder;
use csv_diff::diff_row::DiffByteRecord;
use std::error::Error;
use std::fs::File;

const KEY: [usize; 3] = [0, 1, 2];
const CONSUMED: [usize; 3] = [5, 6, 7];

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args_os().skip(1);
    let mut open = || -> Result<Csv<File>, Box<dyn Error>> {
        let path = paths.next().ok_or("two files are compared")?;
        Ok(Csv::with_reader(File::open(path)?))
    };
    let (reviewed, runtime) = (open()?, open()?);
    let compared = CsvByteDiffBuilder::new().primary_key_columns(KEY).build()?;
    let (mut added, mut removed, mut conflict) = (0u64, 0u64, 0u64);
    for row in compared.diff(reviewed, runtime) {
        match row? {
            DiffByteRecord::Add(_) => added += 1,
            DiffByteRecord::Delete(_) => removed += 1,
            DiffByteRecord::Modify { field_indices, .. } => {
                conflict += u64::from(field_indices.iter().any(|at| CONSUMED.contains(at)));
            }
        }
    }
    println!(r#"{{"added":{added},"removed":{removed},"conflict":{conflict}}}"#);
    Ok(())
}
