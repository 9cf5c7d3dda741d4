"""A list of patients, in whatever form it comes -> rows of requests, one after the other. Nothing here makes a handout.

- `rows`            CSV, JSON Lines, a JSON array, a folder of requests -> one row after the other
- `decoding`        bytes -> lines of text, in whatever encoding
- `json_array`      a JSON array -> the texts of its items
- `column_mapping`  which key of a request each column of CSV is
- `lookalikes`      names on a list that are easily confused
"""
