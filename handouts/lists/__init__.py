"""A list of patients, in whatever form it comes -> rows of requests, one after the other. Nothing here makes a handout.

Files in:

- `rows`            opens a list, whatever it comes in, and yields one row after the other
- `settings`        what is known of a list before it is opened
- `row`             what comes out: rows, and what the staff should know of the list
- `decoding`        bytes -> lines of text, in whatever encoding
- `json_array`      a JSON array -> the texts of its items
- `json_rows`       JSON Lines, a JSON array, a folder of requests -> rows
- `tables`          what a table is: lines of cells, which can be walked through twice
- `csv_table`       CSV -> a table
- `workbook`        a worksheet (xlsx, xls, ods) -> a table
- `workbook_parts`  what is looked at in a workbook before it is read: sizes, passwords, formulas without values
- `old_workbook`    the same for .xls
- `apart`           all that is done to a workbook's bytes, in a process of its own with limits

A table -> rows:

- `header`          which row names the columns
- `usual_names`     what practice systems call their columns, in English and Spanish
- `column_mapping`  which key of a request each column is, by its path or by --map
- `plan_by_names`   what each column is for, by its usual name
- `plan`            what each column is for, from all of these and the clinic's map of such lists
- `survey`          a first look at all rows: what is left out, how dates are written, what the staff should know
- `dates`           a cell -> a date, a time, or two readings
- `date_order`      day or month first, decided for a whole column
- `words`           what the words in a row's cells say, and what nobody may overrule or pass over in silence
- `records`         a line -> a row: names joined, dates told apart, words given their meaning

Besides:

- `editable`        a list in memory whose rows can be edited cell by cell, each fault at its cell
- `cells`           such a cell, and its place in a request
- `typed`           dates and times as people type them, into a cell or a form
- `learn`           a list that nobody has described -> the first draft of its map
- `lookalikes`      names on a list that are easily confused
"""
