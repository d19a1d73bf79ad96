"""Pure functions for stage 4: who is an organisation, who works with whom, how many people live nearby.

Joins and aggregates are SQL in `sql/indicators/`; only what SQL cannot say stands here. Nothing of
Dagster, no reading of tables.
"""
