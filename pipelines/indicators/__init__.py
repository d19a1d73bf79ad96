"""Pure functions for stage 4: who is an organisation and how many people live near a cluster.

Joins and aggregates are SQL in `sql/indicators/`; only what SQL cannot say stands here. Nothing of
Dagster, no reading of tables.
"""
