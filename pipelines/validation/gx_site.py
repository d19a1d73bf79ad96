"""The site builder of Great Expectations, with pages that need nothing from the network.

Here: only what GX must be told. Like `gx_duckdb.py` it imports GX and is imported where it is needed.
The stock pages fetch Bootstrap, jQuery and more from five servers and show no list of validations
without them; `PageView` puts the templates of this folder before GX's own.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)
from great_expectations.render.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, FileSystemLoader

import pipelines.validation.gx_expectations  # noqa: F401 - GX finds by name what results hold
from pipelines.validation.gx_duckdb import new_context

_TEMPLATES = Path(__file__).parent / "templates"


class PageView(DefaultJinjaPageView):
    """GX's pages, by our templates where there are such."""

    def __init__(self, simulated: bool, **directories: Any) -> None:
        super().__init__(**directories)
        self.env.globals["simulated"] = simulated
        stock: Any = self.env.loader
        self.env.loader = ChoiceLoader([FileSystemLoader(_TEMPLATES), stock])


def build_site(validations: Sequence[Mapping[str, Any]], site: Path) -> Path:
    """Build Data Docs.

    Args:
        validations: validation results as GX writes them in JSON.
        site: folder of the site; what was there is replaced.

    Returns:
        The first page.
    """
    shutil.rmtree(site, ignore_errors=True)
    simulated = any(found["meta"]["batch_spec"]["simulated"] for found in validations)
    view = {"module_name": __name__, "class_name": PageView.__name__, "simulated": simulated}
    context = new_context()
    context.variables.data_docs_sites = {
        "tables": {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(site),
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "view": view},
            "site_section_builders": {
                "validations": {"view": view},
                "expectations": {"view": view},
            },
        }
    }
    for validation in validations:
        meta = validation["meta"]
        key = ValidationResultIdentifier(
            ExpectationSuiteIdentifier(validation["suite_name"]),
            RunIdentifier(**meta["run_id"]),
            meta["batch_spec"]["partition"],
        )
        configurations = [result["expectation_config"] for result in validation["results"]]
        context.suites.add_or_update(
            gx.ExpectationSuite(validation["suite_name"], expectations=configurations)
        )
        store = context.validation_results_store
        store.set(key, store.deserialize(dict(validation)))
    context.build_data_docs()
    return site / "index.html"
