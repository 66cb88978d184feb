"""The parsed project: parsed once per change, and again where it was moved to."""

import shutil
from pathlib import Path

import pytest

from answerable.settings import Settings
from orchestration import manifest


def test_a_moved_project_is_parsed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of a checkout brings the parsed project along, which names the files of the place it came from."""
    settings = Settings(home=tmp_path / "home")
    roots = []
    for place in ("first", "second"):
        source = tmp_path / "first" if roots else manifest.PROJECT
        # seeds are enough, and soon parsed
        models = [path.name for path in (manifest.PROJECT / "models").iterdir() if path.is_dir()]
        left_out = None if roots else shutil.ignore_patterns("target", "tests", *models)
        shutil.copytree(source, tmp_path / place, ignore=left_out)
        monkeypatch.setattr(manifest, "PROJECT", tmp_path / place)
        seeds = [node for node in manifest.load(settings)["nodes"].values() if node["resource_type"] == "seed"]
        roots.append({node["root_path"] for node in seeds})
        again = (tmp_path / place / "target" / "parsed" / "manifest.json").stat().st_mtime_ns
        manifest.load(settings)
        assert (tmp_path / place / "target" / "parsed" / "manifest.json").stat().st_mtime_ns == again
    assert roots == [{str(tmp_path / "first")}, {str(tmp_path / "second")}]
