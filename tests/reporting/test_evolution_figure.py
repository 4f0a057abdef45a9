"""The evolution figure: who is a dot, whose lineage, which ancestors, and the picture itself."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from itertools import combinations, pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from dna_search import dna_search, dna_space
from PIL import Image

from nas.reporting.drawings.evolution import HEIGHT, NARROWEST, RADIUS, WIDEST, description, legend, plot, scene
from nas.reporting.figures.evolution import evolution_figure, marked_places
from nas.reporting.report import write_report
from nas.search.history import History
from nas.search_spaces.dna_json import dna_to_json

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def searched(tmp_path_factory) -> Path:
    return dna_search(tmp_path_factory.mktemp("dna") / "run", 300)


def line(run, fitness: list[float]) -> None:
    """A lineage of mutations, each of the one before."""
    space, rng = dna_space(), Random(0)
    genome = space.initial(rng)
    for number, value in enumerate(fitness):
        run.asked(number, dna_to_json(genome), (number - 1,) if number else ())
        run.told(number, value, removed=(number - 1,) if number else ())
        genome, _ = space.mutate(genome, rng)


def figure_of(folder: Path):
    return evolution_figure(History.load(folder), "valid_accuracy")


def dots(picture: str) -> int:
    return sum(len(re.findall("h0", path)) for path in re.findall(r'<path d="([^"]*)" class="dots', picture))


def letters(picture: str) -> list[str]:
    return re.findall('data-letter="(.)"', picture)


def test_every_told_individual_is_a_dot_where_the_journal_has_it(searched):
    history, figure = History.load(searched), figure_of(searched)
    assert [(dot.number, dot.time_s, dot.fitness) for dot in figure.dots] == [
        (individual.number, individual.finished_s, individual.fitness) for individual in history.told
    ]
    assert {dot.number for dot in figure.dots if dot.alive} == {individual.number for individual in history.alive}
    assert dots(plot(figure)) == len(figure.dots) == 300
    assert any(individual.state == "failed" for individual in history.individuals)


def test_the_lineage_leads_from_a_first_individual_to_the_best_by_mutations(searched):
    history, figure = History.load(searched), figure_of(searched)
    numbers = [dot.number for dot in figure.lineage]
    assert history.individuals[numbers[0]].parents == ()
    assert numbers[-1] == max(history.told, key=lambda individual: individual.fitness).number
    for parent, child in pairwise(numbers):
        assert history.individuals[child].parents == (parent,)


def test_the_marked_are_the_first_the_best_and_two_between(searched):
    figure = figure_of(searched)
    numbers = [dot.number for dot in figure.lineage]
    places = [numbers.index(marked.dot.number) for marked in figure.marked]
    assert [marked.letter for marked in figure.marked] == ["A", "B", "C", "D"]
    assert (places[0], places[-1]) == (0, len(numbers) - 1)
    assert places == sorted(set(places))
    assert letters(plot(figure)) == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("fitness", "places"),
    [
        ([], []),
        ([0.5], [0]),
        ([0.5, 0.6, 0.7, 0.8], [0, 1, 2, 3]),
        ([0.5] * 10, [0, 3, 6, 9]),
        ([0.1, 0.9] + [0.9] * 7 + [0.91], [0, 1, 4, 9]),  # one leap at the start, then nothing
        ([0.1] * 9 + [0.9], [0, 6, 8, 9]),  # one leap at the end
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], [0, 2, 4, 6]),
        ([0.5, 0.1, 0.2, 0.1, 0.5, 0.4, 0.6], [0, 4, 5, 6]),
    ],
)
def test_marked_places(fitness, places):
    assert marked_places(fitness) == places


def test_marks_of_any_lineage_are_apart_and_have_both_ends():
    rng = Random(0)
    for _ in range(500):
        fitness = [rng.choice([0.1, rng.random()]) for _ in range(rng.randint(4, 40))]
        places = marked_places(fitness)
        assert places == sorted(set(places))
        assert (len(places), places[0], places[-1]) == (4, 0, len(fitness) - 1)


@pytest.mark.parametrize(
    ("seconds", "unit", "time"),
    [(90.0, "seconds", "90.0 s"), (600.0, "minutes", "10.0 min"), (256.2 * 3600, "hours", "256.2 h")],
)
def test_time_is_told_in_the_unit_that_fits(new_run, seconds, unit, time):
    run = new_run()
    line(run, [0.2, 0.5])
    history = History.load(run.folder)
    history.individuals[1].finished_s = seconds
    figure = evolution_figure(history, "valid_accuracy")
    assert (scene(figure).unit, scene(figure).time(figure.lineage[-1])) == (unit, time)
    assert f"wall time, {unit}" in plot(figure)


@pytest.mark.parametrize("seed", range(30))
def test_letters_do_not_cover_each_other(new_run, seed):
    run, rng = new_run(), Random(seed)
    line(run, sorted(rng.random() ** 4 for _ in range(12)))
    history = History.load(run.folder)
    for individual in history.told:
        individual.finished_s = 3600 * (rng.random() ** 3 if seed % 2 else 1.0)
    figure = evolution_figure(history, "valid_accuracy")
    pattern = r'translate\((\S+) (\S+)\)" data-letter="."><svg x="([\d.]+)%" y="([\d.]+)%"'
    places = [tuple(map(float, found)) for found in re.findall(pattern, plot(figure))]
    assert len(places) == 4
    for width in (NARROWEST, WIDEST):
        discs = [(x / 100 * width + right, y / 100 * HEIGHT + down) for right, down, x, y in places]
        for (x, y), (other_x, other_y) in combinations(discs, 2):
            assert (x - other_x) ** 2 + (y - other_y) ** 2 > (2 * RADIUS) ** 2


def test_the_page_and_the_files_show_it(searched):
    page = write_report(searched).read_text()
    section = page[page.index('<section id="evolution"') :]
    section = section[: section.index("</section>")]
    assert dots(section[section.index('<div class="plot">') :]) == 300
    assert section.count('class="figure dna"') == 4
    assert "wall time, seconds" in section
    root = ElementTree.parse(searched / "figures" / "evolution.svg").getroot()
    drawn = [group.get("data-letter") for group in root.iter(f"{SVG}g") if group.get("data-letter")]
    assert drawn == ["A", "B", "C", "D"]
    labels = [group.get("data-layer") for group in root.iter(f"{SVG}g") if group.get("data-layer")]
    assert labels.count("Input") == labels.count("Output") == 4
    assert labels[:3] == ["Input", "Global Pool", "Output"]  # A, the first ancestor


def test_one_individual_alone(new_run):
    run = new_run()
    line(run, [0.226])
    write_report(run.folder)
    figure = figure_of(run.folder)
    assert letters(plot(figure)) == ["A"]
    assert [kind for kind, _ in legend(figure)] == ["alive", "letter"]
    assert description(figure).endswith("The best, #0 (0.2260), has no ancestors.")


def test_a_long_lineage_and_an_unfinished_search(new_run):
    run = new_run()
    line(run, [0.2 + 0.7 * number / 600 for number in range(600)])
    run.asked(600, "a child in flight", (599,))
    page = write_report(run.folder).read_text()
    assert "over 599 generations to #599" in page
    figure = figure_of(run.folder)
    assert plot(figure).count("lineage-dot") == 4  # the line shows the others
    assert ("lineage", "lineage of the best (600)") in legend(figure)


def test_an_ancestor_that_cannot_be_read_keeps_its_letter(new_run):
    run = new_run()
    space = dna_space()
    run.asked(0, {"learning_rate": "<b>"})
    run.told(0, 0.2)
    run.asked(1, dna_to_json(space.initial(Random(0))), (0,))
    run.told(1, 0.5)
    page = write_report(run.folder).read_text()
    assert letters(page) == ["A", "B"]
    assert page.count('aria-label="Network A') == 0
    assert page.count('aria-label="Network B') == 1


def test_searches_of_cells_have_no_such_figure(new_run):
    run = new_run()
    run.search(30)
    page = write_report(run.folder).read_text()
    assert 'id="evolution"' not in page
    assert not (run.folder / "figures" / "evolution.svg").exists()


def test_a_dot_takes_little_room(new_run):
    run = new_run()
    genome = dna_to_json(dna_space().initial(Random(0)))
    for number in range(3000):
        run.asked(number, genome)
        run.told(number, 0.2 + number / 10_000)
    assert len(plot(figure_of(run.folder))) < 3000 * 18


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="there is no chromium on the PATH")
def test_a_browser_paints_dots_lineage_and_layers(searched, tmp_path):
    write_report(searched)
    picture = searched / "figures" / "evolution.svg"
    shot = tmp_path / "shot.png"
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1120,900")
    command = [BROWSER, *flags, f"--user-data-dir={tmp_path / 'profile'}", f"--screenshot={shot}", picture.as_uri()]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    pixels = np.asarray(Image.open(shot).convert("RGB")).reshape(-1, 3)
    for colour in ("#ffffff", "#c2410c", "#ece6fa", "#fbeed6"):  # paper, lineage, convolutions, global pool
        wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        assert (pixels == wanted).all(axis=1).sum() > 300, colour
    blueish = (pixels[:, 2] > 180) & (pixels[:, 0] < 120)  # the living dots, a little transparent
    assert blueish.sum() > 300
