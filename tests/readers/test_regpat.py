from pathlib import Path

import pytest

from pipelines.errors import UserError
from tests.readers.helpers import read, source_of, write

OLD = "PCT_Nbr|PCT_App|Appln_id|Inv_name|Address|Reg_code|Ctry_code|Reg_share|Inv_share\r\n"


def test_edition_of_2016(tmp_path: Path) -> None:
    inventors = write(
        tmp_path / "201602_PCT_Inv_reg.txt",
        OLD
        + 'WO2012000001|PCT/US2011/1|1|"DOE, JOHN ""JR"""|"1 Main St, Boston"|US25025|US|1|0.5\r\n'
        + "WO2012000001|PCT/US2011/1|1|ROE, JANE|2 Rue X, 75001 Paris|FR101|FR|0.6|0.5\r\n"
        + "WO2012000001|PCT/US2011/1|1|ROE, JANE|2 Rue X, 75001 Paris|FR105|FR|0.4|0.5\r\n"
        + "WO2013000002|PCT/JP2012/2|2|ABE|  |||1|two\r\n",
    )
    found = read("regpat", source_of(tmp_path, {"inventors": inventors}))

    assert [(d["document_id"], d["year"]) for d in found.documents] == [
        ("WO2012000001", 2012),
        ("WO2013000002", 2013),
    ]
    columns = ("person_number", "address_number", "address", "region", "country", "share")
    assert found.places(*columns) == [
        (1, 1, "1 Main St, Boston", "US25025", "US", 0.5),
        (2, 2, "2 Rue X, 75001 Paris", "FR101", "FR", 0.3),
        (2, 3, "2 Rue X, 75001 Paris", "FR105", "FR", 0.2),
        (1, 1, None, None, None, None),
    ]
    assert found.counts.repaired["addresses"] == {"share: no number from 0 to 1": 1}
    assert not any("DOE" in str(row) or "ROE" in str(row) for row in found.addresses)


def test_late_edition_in_lower_case_with_tabs_and_city(tmp_path: Path) -> None:
    inventors = write(
        tmp_path / "inv.txt",
        "pct_nbr\tappln_id\tperson_id\tinv_name\taddress\tcity\tpostal_code\treg_code\tctry_code\t"
        "reg_share\tinv_share\n"
        "WO2021000001\t1\t77\tA\tStr. 1\tBonn\t53111\tDEA22\tDE\t1\t1\n",
    )
    applicants = write(
        tmp_path / "app.txt",
        "pct_nbr\tapp_name\tctry_code\nWO2021000001\tACME GMBH\tDE\nWO2021000009\tNOBODY\tFR\n"
        "WO2021000001\t\tDE\n",
    )
    ipc = write(
        tmp_path / "ipc.txt",
        "pct_nbr\tprio_year\tapp_year\tIPC\nWO2021000001\t2019\t2020\tA01D 57/24\n",
    )
    files = {"inventors": inventors, "applicants": applicants, "ipc": ipc}
    found = read("regpat", source_of(tmp_path, files))

    assert found.places("city", "postcode", "region") == [("Bonn", "53111", "DEA22")]
    assert [(a["document_id"], a["name"]) for a in found.applicants] == [
        ("WO2021000001", "ACME GMBH"),
        ("WO2021000009", "NOBODY"),
    ]
    assert found.fields[0]["code"] == "A01D 57/24"
    # an application known from its applicants alone is a document too
    assert [(d["document_id"], d["file"]) for d in found.documents] == [
        ("WO2021000001", "inv.txt"),
        ("WO2021000009", "app.txt"),
    ]
    assert [(r["reason"], r["intended_table"]) for r in found.rejects] == [
        ("no name", "applicants")
    ]


def test_numbers_that_are_no_wo_numbers_are_rejects(tmp_path: Path) -> None:
    rows = (
        "EP1234567||1|A|x|R|DE|1|1\r\nWO1234|||A|x|R|DE|1|1\r\n|||A|x|R|DE|1|1\r\n"
        "WO2012000001|short\r\n"
    )
    path = write(tmp_path / "i.txt", OLD + rows)
    found = read("regpat", source_of(tmp_path, {"inventors": path}))
    assert found.documents == []
    assert sorted(r["reason"] for r in found.rejects) == [
        *["not a row of the table: missing columns"],
        *["pct_nbr is no WO number"] * 3,
    ]


def test_the_epo_files_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "EPO_Inv_reg.txt", "App_nbr|Appln_id|Pub_nbr|Ctry_code\n1|2|3|DE\n")
    with pytest.raises(UserError, match="pct_nbr"):
        read("regpat", source_of(tmp_path, {"inventors": path}))


def test_applicants_are_not_taken_for_inventors(tmp_path: Path) -> None:
    header = "pct_nbr|appln_id|person_id|app_name|address|reg_code|ctry_code|reg_share|app_share\n"
    path = write(tmp_path / "PCT_App_reg.txt", header + "WO2012000001|1|1|ACME|Bonn|DEA22|DE|1|1\n")
    with pytest.raises(UserError, match=r"PCT_App_reg\.txt: this is a file of applicants"):
        read("regpat", source_of(tmp_path, {"inventors": path}))


def test_quotation_marks_are_letters_where_the_file_quotes_nothing(tmp_path: Path) -> None:
    """A mark at the beginning of a field once took all lines up to the next one, without a word."""
    rows = [
        f"WO2012{number:06d}|||A|{address}|R|DE|1|1\r\n"
        for number, address in enumerate(['"Haus am See, Bonn', "Ulm", '"Alte Post" 3, Ulm', '"'])
    ]
    path = write(tmp_path / "i.txt", OLD + "".join(rows))
    found = read("regpat", source_of(tmp_path, {"inventors": path}))
    assert found.places("address") == [
        ('"Haus am See, Bonn',),
        ("Ulm",),
        ('"Alte Post" 3, Ulm',),
        ('"',),
    ]
    assert found.rejects == []


def test_a_field_in_marks_far_behind_the_beginning_is_read_without_them(tmp_path: Path) -> None:
    row = "WO2012{:06d}|||A|{}|R|DE|1|1\r\n"
    begin = [row.format(number, "Ulm") for number in range(3_000)]  # more than is looked at
    written = ['""', '"Bonn"', '"Zum ""Bären"", Bern"', '"Alte Post" und "Neue Post"']
    rows = [row.format(3_000 + number, address) for number, address in enumerate(written)]
    path = write(tmp_path / "i.txt", OLD + "".join(begin + rows))
    assert path.stat().st_size > 1 << 16
    found = read("regpat", source_of(tmp_path, {"inventors": path}))
    assert found.places("address")[3_000:] == [
        (None,),
        ("Bonn",),
        ('Zum "Bären", Bern',),
        ('"Alte Post" und "Neue Post"',),
    ]


def test_a_mark_that_is_not_closed_is_told_where_the_file_quotes(tmp_path: Path) -> None:
    row = "WO2012000001|||A|{}|R|DE|1|1\r\n"
    first, last = OLD + row.format('"Ulm"') + row.format('"Ulm'), row.format('Ulm" x')
    path = write(tmp_path / "i.txt", first + row.format("Bonn") * 3 + last + row.format("Bern"))
    found = read("regpat", source_of(tmp_path, {"inventors": path}))
    assert found.places("address") == [("Ulm",), ("Bern",)]
    assert [reject["line"] for reject in found.rejects] == [3]
    assert found.rejects[0]["reason"].endswith("(quotation marks hold 5 lines)")


def test_of_a_mark_that_is_never_closed_the_least_is_told(tmp_path: Path) -> None:
    """DuckDB keeps 10,000 bytes: the row with the mark has 29, then 311 of 32 and a part of one."""
    row = "WO2012000001|||A|{}|R|DE|1|1\r\n"
    path = write(
        tmp_path / "i.txt", OLD + row.format('"Ulm"') + row.format('"') + row.format("Bonn") * 1_000
    )
    found = read("regpat", source_of(tmp_path, {"inventors": path}))
    assert found.rejects[0]["reason"].endswith("(quotation marks hold 313 lines or more)")


def test_classes_under_their_other_name(tmp_path: Path) -> None:
    """The edition of 2026 is said to call them so."""
    inventors = write(tmp_path / "i.txt", OLD)
    ipc = write(
        tmp_path / "c.txt", "pct_nbr|prio_year|app_year|IPC4\nWO2021000001|2019|2020|A61K\n"
    )
    found = read("regpat", source_of(tmp_path, {"inventors": inventors, "ipc": ipc}))
    assert [f["code"] for f in found.fields] == ["A61K"]
