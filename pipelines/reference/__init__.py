"""Small tables of facts that the method refers to, each with its source in `README.md`."""

from pathlib import Path

import polars as pl


def technology_fields() -> pl.DataFrame:
    """WIPO's 35 fields, one row per IPC subclass or main group.

    Returns:
        field_number, sector, field, ipc_subclass, ipc_main_group (empty for the whole subclass).
    """
    symbol = pl.col("ipc").str.split(" ")
    return (
        pl.read_csv(Path(__file__).parent / "technology_fields.csv")
        .with_columns(symbol)
        .explode("ipc")
        .with_columns(pl.col("ipc").str.split_exact("/", 1).struct.unnest())
        .select(
            pl.col("field_number").cast(pl.Int32),
            "sector",
            "field",
            pl.col("field_0").alias("ipc_subclass"),
            pl.col("field_1").fill_null("").alias("ipc_main_group"),
        )
    )
