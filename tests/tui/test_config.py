"""The settings: read, wrong in every way, changed on the screen, told by `tcplab config`."""

from __future__ import annotations

import tomllib

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tcplab.cli import cli
from tcplab.front import opening
from tcplab.tui import keys
from tcplab.tui.app import TcplabApp
from tcplab.tui.config import CHOICES, changed, load, remember, report, terminal_for, use_keys
from tests.support.stories import made


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TCPLAB_HOME", str(tmp_path))
    monkeypatch.setattr(opening, "keep_progress", lambda session: None)
    for name in ("TCPLAB_MOUSE", "TCPLAB_ASCII", "TCPLAB_NO_TOUR", "SSH_CONNECTION", "SSH_TTY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def keymap():
    """Keys as they were, after a test that moves them."""
    before, by_id, moved = list(keys.KEYS), dict(keys.BY_ID), dict(keys._changed)
    yield
    keys.KEYS[:], keys._changed = before, moved
    keys.BY_ID.update(by_id)


def test_without_a_file_all_is_as_it_comes():
    config = load(env={})
    assert not config.problems and config.values == {name: default for name, (_, default) in CHOICES.items()}
    assert set(config.origins.values()) == {"default"}


def test_what_is_right_holds_and_what_is_wrong_is_told_with_line_and_cure(tmp_path):
    (tmp_path / "config.toml").write_text('theme = "light"\nspede = "2"\nspeed = "3"\nmouse = false\nlean = 1\n')
    config = load(env={})
    assert config["theme"] == "light" and config["mouse"] is False and config["speed"] == "1"
    assert config.origins["theme"] == "config.toml line 1"
    assert [problem.partition("config.toml ")[2] for problem in config.problems] == [
        "line 2: there is no setting 'spede'. Did you mean 'speed'?",
        'line 3: speed cannot be \'3\'. Write one of "1/8", "1/4", "1/2", "1", "2", "4", "16", "at once".',
        'line 5: lean cannot be \'1\'. Write one of "auto", true, false.',
    ]


@pytest.mark.parametrize("text", ['theme = "light', "theme = light", "[keys\n", "a = 1\na = 2\n", "\x00", "= 3"])
def test_a_file_that_is_no_toml_is_told_and_left_as_it_is(text, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(text)
    config = load(env={})
    assert len(config.problems) == 1 and "line" in config.problems[0] and "Mend" in config.problems[0]
    assert "is not remembered" in remember("theme", "dark") and path.read_text() == text


def test_a_file_of_other_bytes_or_a_folder_is_told(tmp_path):
    (tmp_path / "config.toml").write_bytes(b"theme = '\xff\xfe'")
    assert "cannot be read" in load(env={}).problems[0]
    (tmp_path / "config.toml").unlink()
    (tmp_path / "config.toml").mkdir()
    assert "cannot be read" in load(env={}).problems[0] and remember("theme", "dark")


def test_the_environment_goes_before_the_file(tmp_path):
    (tmp_path / "config.toml").write_text("mouse = false\n")
    config = load(env={"TCPLAB_MOUSE": "1"})
    assert config["mouse"] is True and config.origins["mouse"] == "environment: TCPLAB_MOUSE"


def test_lean_mouse_and_ascii_reach_the_terminal(tmp_path):
    remote = {"SSH_CONNECTION": "x", "LC_ALL": "C.UTF-8", "TERM": "xterm"}
    auto = terminal_for(load(env=remote), remote)
    assert (auto.fps, auto.mouse, auto.ascii) == (5, False, False)
    (tmp_path / "config.toml").write_text("lean = false\nmouse = true\nascii = true\n")
    chosen = terminal_for(load(env=remote), remote)
    assert (chosen.fps, chosen.mouse, chosen.ascii) == (10, True, True)


def test_keys_come_from_both_files(tmp_path, keymap):
    (tmp_path / "keys.toml").write_text('zoom = "Z"\n')
    (tmp_path / "config.toml").write_text('[keys]\nhint = "ctrl+y"\n')
    config = load(env={})
    use_keys(config)
    assert not config.problems and keys.BY_ID["zoom"].cap == "Z" and keys.BY_ID["hint"].key == "ctrl+y"


def test_a_key_that_would_mean_two_things_is_told(tmp_path, keymap):
    (tmp_path / "config.toml").write_text('[keys]\nhint = "q"\n')
    config = load(env={})
    use_keys(config)
    assert "would mean both" in config.problems[0] and keys.BY_ID["hint"].key == "h"


def test_a_choice_is_written_and_all_else_stays(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('# mine\ntheme = "dark"   # at night\n\n[keys]  # moved\nzoom = "y"\n')
    assert remember("theme", "light") == "" and remember("speed", "at once") == ""
    assert path.read_text() == ('# mine\ntheme = "light"   # at night\n\nspeed = "at once"\n[keys]  # moved\n'
                                'zoom = "y"\n')


lines = st.lists(st.sampled_from(['theme = "dark"', "theme='light' # x", "", "# theme = 3", 'speed = "2"', "other = 5",
                                  "long = [1,", " 2]", "[keys]", 'zoom = "y"', "[other]", 'theme = "in a table"']),
                 max_size=8)


@given(lines, st.sampled_from(["theme", "speed", "mouse"]), st.sampled_from(["light", "1/2", True]), st.booleans())
def test_a_change_changes_nothing_else(found, name, value, ends):
    text = "\n".join(found) + "\n" * ends
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    try:
        after = tomllib.loads(changed(text, name, value))
    except tomllib.TOMLDecodeError:
        after = None
    # What cannot be changed line by line is left alone by `remember`, which looks at the result.
    if "long" not in before:
        assert after == {**before, name: value}


async def test_the_theme_is_remembered_and_a_speed_is_for_one_lab(tmp_path):
    app = TcplabApp(made("server listen 80"), config=load(env={}))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("t", "plus", "plus")
        await pilot.pause()
        assert app.theme == "tcplab-light" and app.bench.desk.pacer.words == "×4"
    again = TcplabApp(made("server listen 80"), config=load(env={}))
    async with again.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert again.theme == "tcplab-light" and again.bench.desk.pacer.words == "×1"


async def test_what_is_wrong_stands_on_the_screen(tmp_path):
    (tmp_path / "config.toml").write_text('theme = "pink"\n')
    app = TcplabApp(made("server listen 80"), config=load(env={}))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert "theme cannot be 'pink'" in " ".join(app.screen.surface.text().split())


def test_the_command_prints_values_and_origins(tmp_path):
    (tmp_path / "config.toml").write_text('theme = "light"\n')
    done = CliRunner().invoke(cli, ["config"])
    assert done.exit_code == 0 and 'theme  = "light"' in done.output and "config.toml line 1" in done.output
    (tmp_path / "config.toml").write_text('theme = "pink"\n')
    assert CliRunner().invoke(cli, ["config"]).exit_code == 2 and report()[1]
