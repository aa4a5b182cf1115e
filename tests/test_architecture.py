"""The walls of the house, read from the source: who may import whom, and what each room must do without."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "tcplab"

#: What each room may look down to.
BELOW = {
    "tcp": set(),
    "notation": {"tcp"},
    "net": {"tcp", "notation"},
    "views": {"tcp", "notation", "net"},
    "lab": {"tcp", "notation", "net"},
    "session": {"tcp", "notation", "net", "lab"},
    "capture": {"tcp", "notation", "net", "views"},
    "graph": {"tcp"},
    "export": {"tcp", "notation", "net", "capture", "graph", "views"},
    "live": {"tcp", "notation", "net"},
    "grading": {"tcp", "notation", "net", "lab", "session", "capture", "views", "export"},
    "drill": {"tcp", "notation"},
    "tui": {"front", "tcp", "notation", "net", "lab", "session", "capture", "graph", "views", "export"},
    "front": {"tcp", "notation", "net", "lab", "session", "views"},
    "kiosk": {"tui", "front", "grading", "session", "lab", "net", "notation"},
    "doctor": {"tui", "lab", "notation"},
    "commandline": {"grading", "doctor", "kiosk", "tui"},
    "plain": {"tcp", "notation", "net", "lab", "session", "views", "front", "capture"},
    "cli": {"commandline", "plain", "grading", "drill", "tui", "live"},
    "testing": {"grading", "lab", "net", "notation", "session"},
    "__main__": {"cli", "notation"},
    "__init__": {"grading", "session"},
}
#: What each room may use of other people's code.
GUESTS = {
    "notation": {"simpleeval"},
    "lab": {"pydantic", "pydantic_core", "ruamel", "platformdirs"},
    "capture": {"scapy"},
    "graph": {"networkx"},
    "tui": {"textual", "rich", "platformdirs", "plotext"},
    "grading": {"distributed"},
    "kiosk": {"textual"},
    "commandline": {"click"},
    "cli": {"click"},
    "testing": {"pytest"},
}
CLOCKS = {"time", "datetime", "sched", "timeit"}
#: The rooms that a recording must find unchanged: no clock, no chance but the seeded one, no world outside.
PURE = {
    "tcp": CLOCKS | {"random", "secrets", "uuid", "os", "sys", "io", "pathlib", "socket", "select", "asyncio",
                     "threading", "multiprocessing", "subprocess", "logging", "locale", "platform"},
    "notation": CLOCKS | {"random", "secrets", "uuid", "os", "io", "pathlib", "socket", "asyncio", "threading",
                          "subprocess", "logging", "locale"},
    "net": CLOCKS | {"secrets", "uuid", "os", "sys", "io", "pathlib", "socket", "select", "asyncio", "threading",
                     "multiprocessing", "subprocess", "logging", "locale"},
    "drill": CLOCKS | {"random", "secrets", "uuid", "os", "socket", "asyncio", "threading", "subprocess", "logging"},
    "session": CLOCKS | {"random", "secrets", "uuid", "socket", "asyncio", "threading", "subprocess", "logging"},
    "lab": {"datetime", "secrets", "uuid", "socket", "asyncio", "threading", "subprocess", "logging"},
}
#: Files of those rooms that live in the real world: progress is a file that two sessions may want at once, and a due
#: date is read as one (by no clock).
WORLDLY = {"lab/progress.py": CLOCKS, "lab/overlay_model.py": {"datetime"}}
#: What Python does not promise to draw alike in every version.
CHANGING = {"shuffle", "sample", "choice", "choices", "randint", "randrange", "gauss", "normalvariate", "uniform",
            "expovariate", "randbytes"}
#: Words that are the id of a lab and something else as well.
AMBIGUOUS = {"data", "loss", "window", "backoff", "rtt", "sack", "wscale", "reordering"}
#: The sandbox is where everything without a lab happens.
DEFAULT_LAB = "sandbox"

FILES = sorted(HOUSE.rglob("*.py"))
MAX_FILE, MAX_FUNCTION = 400, 60


def name_of(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file, walked once for all tests."""
    return tuple(ast.walk(tree_of(path)))


@cache
def imports_of(path: Path) -> list[ast.AST]:
    return [node for node in nodes_of(path) if isinstance(node, (ast.Import, ast.ImportFrom))]


def imports(path: Path, nodes: list | None = None) -> Iterator[tuple[str, str, int]]:
    """(module, imported name or "", line) of every import, those inside functions too; relative ones resolved."""
    package = ("tcplab", *path.relative_to(HOUSE).parts[:-1])
    for node in imports_of(path) if nodes is None else nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, "", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            yield from ((module, alias.name, node.lineno) for alias in node.names)


def rooms_imported(path: Path, nodes: list | None = None) -> Iterator[tuple[str, int]]:
    """The rooms of ours that a file looks into."""
    for module, name, line in imports(path, nodes):
        first, _, rest = module.partition(".")
        if first == "tcplab":
            room = rest.partition(".")[0] or name
            if room != "__version__":
                yield room, line


def test_rooms_look_only_down():
    wrong = [f"{name_of(path)}:{line} looks into {other}" for path in FILES for other, line in rooms_imported(path)
             if other not in BELOW[room_of(path)] | {room_of(path)}]
    assert not wrong, wrong


def test_guests_stay_in_their_rooms():
    everywhere = sys.stdlib_module_names | {"tcplab"}
    wrong = [f"{name_of(path)}:{line} imports {module}" for path in FILES for module, _, line in imports(path)
             if module.partition(".")[0] not in everywhere | GUESTS.get(room_of(path), set())]
    assert not wrong, wrong


def test_what_decides_a_result_has_no_clock_no_chance_no_world():
    wrong = [f"{name_of(path)}:{line} imports {module}" for path in FILES for module, _, line in imports(path)
             if module.partition(".")[0] in PURE.get(room_of(path), set()) - WORLDLY.get(name_of(path), set())]
    assert not wrong, wrong


def test_chance_is_only_what_python_keeps_from_version_to_version():
    """Only a seeded Random, of it only .random() and .getrandbits(): the sequences of the others have changed."""
    wrong = []
    for path in (p for p in FILES if room_of(p) in ("net", "lab", "session", "grading")):
        wrong += [f"{name_of(path)}:{line} imports random.{name}" for module, name, line in imports(path)
                  if module == "random" and name not in ("Random", "")]
        for node in nodes_of(path):
            if isinstance(node, ast.Attribute) and looks_like_dice(node.value) and node.attr in CHANGING | {"seed"}:
                wrong.append(f"{name_of(path)}:{node.lineno} {ast.unparse(node)}")
            elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "random" and node.attr != "Random":
                wrong.append(f"{name_of(path)}:{node.lineno} {ast.unparse(node)}")
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("Random", "random.Random") and not node.args:
                wrong.append(f"{name_of(path)}:{node.lineno} is not seeded")
    assert not wrong, wrong


def looks_like_dice(node: ast.expr) -> bool:
    return any(part in ast.unparse(node).lower() for part in ("dice", "die", "random", "rng"))


def test_no_code_comes_from_data_and_no_hash_decides():
    """hash() of a text differs from run to run; who needs a key for a dict has one."""
    wrong = []
    for path in FILES:
        banned = {"eval", "exec", "__import__", "compile"}
        banned |= set() if room_of(path) in ("tui", "graph") else {"hash"}
        wrong += [f"{name_of(path)}:{node.lineno} calls {node.func.id}" for node in nodes_of(path)
                  if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in banned]
        wrong += [f"{name_of(path)}:{line} imports {module}" for module, _, line in imports(path)
                  if module.partition(".")[0] in ("pickle", "marshal", "shelve", "dill")]
    assert not wrong, wrong


@pytest.mark.parametrize("room", ["tcp", "net"])
def test_endpoint_and_link_compute_with_whole_numbers(room):
    wrong = [f"{name_of(path)}:{node.lineno} {ast.unparse(node)}" for path in FILES if room_of(path) == room
             for node in nodes_of(path)
             if (isinstance(node, ast.Constant) and isinstance(node.value, float))
             or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
             or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")]
    assert not wrong, wrong


def test_one_place_assigns_the_state():
    """The transition table is obeyed because one function, and the birth of the TCB, set `state`."""
    found = []
    for path in (p for p in FILES if room_of(p) in ("tcp", "net", "session")):
        for node in nodes_of(path):
            targets = node.targets if isinstance(node, ast.Assign) else \
                [node.target] if isinstance(node, (ast.AugAssign, ast.AnnAssign)) else []
            flat = [part for target in targets for part in ast.walk(target)]
            if any(isinstance(part, ast.Attribute) and part.attr in ("state", "_state")
                   and isinstance(part.ctx, ast.Store) for part in flat):
                found.append(f"{name_of(path)} {ast.unparse(node.value) if node.value else ''}")
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("setattr", "object.__setattr__"):
                assert "'state'" not in ast.unparse(node), f"{name_of(path)}:{node.lineno}"
    assert found == ["tcp/tcb.py State.CLOSED", "tcp/tcb.py row.target"]


def test_no_logic_is_keyed_by_the_id_of_a_lab():
    ids = {path.stem for path in (ROOT / "labs").glob("*.yaml")} - {"course", DEFAULT_LAB}
    assert {"teardown"} <= ids
    wrong = []
    for path in FILES:
        for node in nodes_of(path):
            if isinstance(node, ast.Constant) and node.value in ids - AMBIGUOUS:
                wrong.append(f"{name_of(path)}:{node.lineno} {node.value!r}")
            elif isinstance(node, (ast.Compare, ast.Match)):
                wrong += [f"{name_of(path)}:{node.lineno} {word!r}" for word in sorted(words_of(node) & ids)
                          if names_a_lab(node.left if isinstance(node, ast.Compare) else node.subject)]
    assert not wrong, wrong


def words_of(node: ast.AST) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def names_a_lab(node: ast.expr) -> bool:
    return ast.unparse(node).endswith((".id", "lab_id", "lab", ".lab"))


def test_a_file_can_be_read_in_one_sitting():
    counted = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in FILES}
    assert not {name: lines for name, lines in counted.items() if lines > MAX_FILE}


def test_a_function_can_be_seen_at_once():
    long = [f"{name_of(path)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
            for path in FILES for node in nodes_of(path)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and node.end_lineno - node.lineno + 1 > MAX_FUNCTION]
    assert not long, long


def test_modules_and_public_classes_say_what_they_are_for():
    silent = [name_of(path) for path in FILES if tree_of(path).body and not ast.get_docstring(tree_of(path))]
    silent += [f"{name_of(path)}:{node.lineno} {node.name}" for path in FILES for node in tree_of(path).body
               if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)]
    assert not silent, silent


def test_the_command_line_opens_a_face_only_when_it_is_asked_for():
    at_once = [room for path in (HOUSE / "cli.py", *(HOUSE / "commandline").glob("*.py"))
               for room, _ in rooms_imported(path, tree_of(path).body) if room != "commandline"]
    assert at_once == []


@pytest.fixture(scope="module")
def headless(tmp_path_factory) -> dict[str, list[str]]:
    """Command -> the heavy libraries that are there after it, all in one process: who comes first brings the blame."""
    folder = tmp_path_factory.mktemp("headless")
    (folder / "SCRIPT").write_text(
        "server listen 80; client connect server 80; run until idle\n"
        "inject from client \"TCP(flags='R', seq=1)\"; link corrupt 50%; client send 2kB; run until idle\n")
    (folder / "DRILL").write_text("+0 connect\n+0 > S 0:0(0) <...>\n")
    code = ("import json, sys\nfrom tcplab.cli import cli\n"
            "heavy, found = ('textual', 'rich', 'scapy', 'networkx', 'asyncio', 'plotext'), {}\n"
            "for arguments in json.loads(sys.argv[1]):\n"
            "    try: cli.main(arguments)\n"
            "    except SystemExit as end: assert end.code == 0, (arguments, end.code)\n"
            "    found[arguments[0]] = [m for m in heavy if m in sys.modules]\n"
            "print(json.dumps(found))\n")
    done = subprocess.run([sys.executable, "-c", code, json.dumps(HEADLESS)], cwd=folder, capture_output=True,
                          text=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


HEADLESS = [
    ["drill", "DRILL"],
    ["run", "sandbox", "--script", "SCRIPT", "--json", "--trace", "TRACE"],
    ["grade", "sandbox", "SCRIPT"],
    ["lab", "lint", "sandbox"],
    ["labs"],
]


@pytest.mark.parametrize("command", [arguments[0] for arguments in HEADLESS])
def test_headless_leaves_screen_scapy_and_networkx_alone(command, headless):
    assert headless[command] == []
