"""Run folders: written and read here only.

runs/<name>/manifest.json, results.json, results.parquet, samples/*.parquet, report.html, contamination.json,
report-samples/*.js
"""
