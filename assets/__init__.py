"""The asset graph: the stages in the order in which data flows, one module each.

| module          | group      | partitions | what                                                        |
|-----------------|------------|------------|-------------------------------------------------------------|
| `extracts.py`   | extracts   | year       | raw files read once; documents that count; their addresses  |
| `geocoding.py`  | geocoding  | year       | distinct addresses, their places, points, weights by cell   |
| `clusters.py`   | clusters   | edition    | density, mergers, names, identity, outlines                 |
| `indicators.py` | indicators | edition    | counts, shares, ranks, economies, the world                 |
| `releases.py`   | releases   | edition    | the immutable folder that leaves the house                  |

An asset is a few lines: read, call, write. What a table holds is said in `pipelines/contracts/`, what
it is made of in `sql/` or in a pure function of `pipelines/`; nothing is defined twice.
"""
