"""Delineation: from weights by cell to named clusters that keep their identity over the editions.

Here: pure functions on arrays and frames, one module a rule of the method: `density` (clusters of
cells), `ties`, `mergers`, `places`, `names`, `lineage`, `areas` (outlines), `cells` (H3), on the geometry of
`sphere` and the search for neighbours of `boxes`. Joins and aggregates belong to `sql/clusters/`, reading
and writing to `storage.py`.
"""
