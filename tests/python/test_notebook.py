"""The notebook in `examples/`, run from beginning to end."""

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "examples/portraits.ipynb"


def test_the_notebook_runs(people, tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells), "outputs show faces: clear them before committing"
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute(
        env=os.environ | {"SERFIQ_EXAMPLE_PICTURES": str(people)}
    )
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("<iframe" in output.get("data", {}).get("text/html", "") for output in shown)
