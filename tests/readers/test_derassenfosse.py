from pathlib import Path

from tests.readers.helpers import read, source_of, write


def test_first_filings(tmp_path: Path) -> None:
    path = write(
        tmp_path / "geoc_inv.txt",
        "appln_id,patent_office,filing_date,city,name_1,ctry_code,lat,lng,coord_source,source\n"
        "1,US,2010-05-01,Boise,Idaho,US,43.6,-116.2,GEONAMES,1\n"
        '1,US,2010-05-01,"Aix, en Provence",,FR,43.5,5.4,HERE,2\n'
        "2,JP,9999-12-31,Tokyo,,JP,35,139,HERE,1\n"
        "3,DE,2011-01-01,Bonn,,DE,95,7,HERE,1\n",
    )
    found = read("derassenfosse", source_of(tmp_path, path))
    assert [(d["document_id"], d["year"], d["line"]) for d in found.documents] == [
        ("1", 2010, 1),
        ("3", 2011, 4),
    ]
    assert found.places("address_number", "city", "region", "country", "lat", "lng") == [
        (1, "Boise", "Idaho", "US", 43.6, -116.2),
        (2, "Aix, en Provence", None, "FR", 43.5, 5.4),
        (1, "Bonn", None, "DE", None, 7.0),
    ]
    assert found.counts.repaired["addresses"] == {"lat: no latitude": 1}
    assert [r["reason"] for r in found.rejects] == ["no believable filing date"]
