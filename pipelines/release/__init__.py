"""What leaves the house: immutable release folders that strangers can use and check without us.

- `folder`: where releases lie, which is the latest, the pointers to it
- `publish`: a release request becomes a folder, or nothing where nothing is new
- `tables`: contract tables in the form in which they are released; `geo`: outlines as GeoParquet
  and GeoJSON; `content`: a table's hash, whatever its encoding
- `manifest`: what a release says of itself and its files; `verify`: holds a folder against it
- `codebook`, `datapackage`, `dcat`, `readme`: the same contracts told to people and catalogues
- `diff`: what differs between two releases, table by table and cluster by cluster; `changes`: the
  same in words

Add here what a release consists of. What its numbers are belongs to the stages before; when a
release is made belongs to `assets/`. No clock time, path or machine name enters a release: equal
inputs give equal bytes.
"""
