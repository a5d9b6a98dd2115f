#!/usr/bin/env bash
# The step of action.yml that runs keydrift: its words come from the environment, never out of a template.
set -euo pipefail

words=()
while IFS= read -r word; do
  if [[ -n $word ]]; then words+=("$word"); fi
done <<< "$ACTION_ARGS"

report=
outputs=()
case ${words[0]} in
  audit | diff | lint | run | gate)
    report=$(mktemp "$RUNNER_TEMP/keydrift-report-XXXXXX")
    outputs+=(-o "json:$report")
    # The summary goes with the annotations.
    if [[ $ACTION_ANNOTATIONS == true ]]; then
      outputs+=(-o github:/dev/stderr)
    elif [[ $ACTION_SUMMARY == true ]]; then
      outputs+=(-o "markdown:$GITHUB_STEP_SUMMARY")
    fi
    ;;
esac
if [[ $ACTION_SUMMARY != true ]]; then unset GITHUB_STEP_SUMMARY; fi

# Behind the command's name: after -- they would be another program's.
code=0
keydrift "${words[0]}" "${outputs[@]}" "${words[@]:1}" || code=$?
{
  echo "exit-code=$code"
  echo "report=$report"
} >> "$GITHUB_OUTPUT"
if [[ $ACTION_FAIL == true ]]; then exit "$code"; fi
