"""Provenance: versions, devices, identity, configuration as text, sessions, and how to go on."""

import re

import pytest
import yaml
from journals import IDENTITY, Timeline

from nas.reporting.figures import places as module
from nas.reporting.figures.places import places
from nas.reporting.material import Material
from nas.reporting.report import write_report
from nas.reporting.sections import provenance


def text_of(line):
    page = write_report(line.folder).read_text().replace("\xa0", " ")
    return page[page.index('<section id="provenance"') : page.index("</section>", page.index('id="provenance"'))]


def begun(folder, identity=None):
    line = Timeline(folder, identity)
    line.opened(0, 1)
    return line


def test_the_run_its_sessions_and_versions(tmp_path):
    line = begun(tmp_path / "a run")
    line.gap_s = 3600
    line.opened(10, 4, host="there", commit="fedcba9876543210+", versions={"nas": "1", "torch": "2.9"})
    line.asked(0, 11)
    page = text_of(line)
    assert f"<dt>folder</dt><dd>{tmp_path / 'a run'}</dd>" in page
    size = (line.folder / "history.jsonl").stat().st_size
    assert f"history.jsonl, {f'{size} bytes' if size < 1000 else f'{size / 1000:.2f} kB'}" in page
    assert "<dt>events</dt><dd>3</dd>" in page
    assert "<td>1</td><td>2027-01-15 08:00:00 UTC</td><td>here</td><td>1</td><td>100</td><td>0123456789ab</td>" in page
    assert (
        "<td>2</td><td>2027-01-15 09:00:10 UTC</td><td>there</td><td>4</td><td>100</td><td>fedcba987654+</td>" in page
    )
    assert "<dt>torch</dt><dd>2.9</dd><dt>commit</dt><dd>fedcba987654+</dd>" in page
    assert "An earlier session had nas (&#39;0&#39; there, &#39;1&#39; here)." in page


def test_the_identity_reads_back_from_the_page(tmp_path):
    page = text_of(begun(tmp_path / "run"))
    shown = re.search(r'<pre class="settings scroll" tabindex="0">(.*?)</pre>', page, re.DOTALL)[1]
    assert yaml.safe_load(shown) == IDENTITY


def test_how_to_resume_and_to_verify(tmp_path):
    page = text_of(begun(tmp_path / "run"))
    assert "<code>python -m nas.evolve experiment=demo</code>" in page
    assert "<code>python -m nas.evolve experiment=demo resume.verify=true</code>" in page
    line = Timeline(tmp_path / "other")
    line.opened(0, 1, command=["/somewhere/a_script"])
    assert "run_search with the same arguments" in text_of(line)


def test_the_configuration_is_shown_as_text_and_read_by_nobody(tmp_path):
    line = begun(tmp_path / "run")
    text = "_target_: os.abort\na: ${oc.env:HOME}\nb: !!python/object/apply:os.abort []\nc: <script>alert(1)</script>"
    (line.folder / "config.yaml").write_text(f"{text}\n: : :")
    page = text_of(line)
    assert "_target_: os.abort\na: ${oc.env:HOME}\nb: !!python/object/apply:os.abort []" in page
    assert "c: &lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_configuration_that_is_long_or_no_text_is_cut(tmp_path, monkeypatch):
    line = begun(tmp_path / "run")
    assert "config.yaml" not in text_of(line)
    monkeypatch.setattr(provenance, "MOST_BYTES", 100)
    (line.folder / "config.yaml").write_bytes(b"\xff\xfe" + b"x" * 200)
    page = text_of(line)
    assert "x" * 98 + "\n… more than 100 bytes" in page
    assert "x" * 99 not in page
    (line.folder / "config.yaml").unlink()
    (line.folder / "config.yaml").mkdir()
    assert "config.yaml cannot be read: Is a directory" in text_of(line)


def test_places_are_grouped_and_counted(tmp_path):
    line = begun(tmp_path / "run")
    there = {"host": "n1", "device": "A100", "devices": 2, "precision": "bf16-mixed", "threads": 8, "torch": "2.9"}
    where = [there, {**there, "host": "n2"}, there, None, {"host": "<b>n3</b>", "extra": 1}, "odd", {}]
    for number, one in enumerate(where):
        line.asked(number, number)
        line.told(number, number + 1, provenance=one)
    found = places(Material(line.history()))
    assert found.names == ["host", "device", "devices", "precision", "threads", "torch"]
    assert found.rows[0] == (["n1", "A100", "2", "bf16-mixed", "8", "2.9"], 2)
    assert sorted(many for _, many in found.rows) == [1, 1, 2]
    assert found.silent == 3
    page = text_of(line)
    assert "<td>n1</td><td>A100</td><td>2</td><td>bf16-mixed</td><td>8</td><td>2.9</td><td>2</td>" in page
    assert "<td>&lt;b&gt;n3&lt;/b&gt;</td><td>–</td>" in page
    assert "3 evaluations do not say where." in page


def test_of_very_many_places_the_most_used_are_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_PLACES", 3)
    line = begun(tmp_path / "run")
    for number in range(12):
        line.asked(number, number)
        line.told(number, number + 1, provenance={"host": f"n{min(number, 7)}"})
    found = places(Material(line.history()))
    assert (found.rows[0], len(found.rows), found.others) == ((["n7"], 5), 3, 5)
    assert "<tr><td>others</td><td>5</td></tr>" in text_of(line)


@pytest.mark.parametrize("fields", [{"time": "soon"}, {"time": 1e300}, {"versions": 3}, {"commit": 7}])
def test_an_odd_session_is_shown_as_far_as_it_goes(tmp_path, fields):
    line = Timeline(tmp_path / "run")
    line.event("opened", 0, **{"slots": 1, "host": "<i>here</i>", "command": None, **fields})
    page = text_of(line)
    assert "&lt;i&gt;here&lt;/i&gt;" in page


def test_a_budget_of_half_an_hour_is_not_none(tmp_path):
    line = Timeline(tmp_path / "run")
    line.opened(0, 1, budget={"hours": 0.5, "flops": 1e18, "evaluations": None})
    page = text_of(line)
    assert "<dt>hours</dt><dd>0.5</dd>" in page
    assert "<dt>evaluations</dt>" not in page
