"""A real terminal under bad input: a paste of ten thousand lines, and payloads that are escape sequences."""

from __future__ import annotations

LINES = "link down\n" * 10_000


def test_a_huge_paste_and_payloads_of_escape_sequences(launch):
    terminal = launch("open", "sandbox", "--seed", 3)
    terminal.wait_for(r" 1 +Guide")
    terminal.type(":server listen 80; client connect server 80; step 3\r")
    terminal.wait_for("ESTABLISHED.*ESTABLISHED")
    terminal.press(":")
    terminal.type(f"\x1b[200~{LINES}\x1b[201~")
    terminal.wait_for("first 2000 characters")
    assert "ESTABLISHED" in terminal.text and "DOWN" not in terminal.text
    terminal.press("ctrl+u", "esc")
    # Escapes in what is pasted are no keys: q, x and l in other programs' colours press nothing.
    coloured = "\x1b[31mqqx\x1b[0m\x1b]8;;lqx\x07 \x1b[999;999;999;999;999;999;999;999zlq" * 50
    terminal.type(f"\x1b[200~{coloured}\x1b[201~")
    terminal.wait_for("Nothing is being typed")
    assert "1 rule" not in terminal.text and "ESTABLISHED" in terminal.text and "SYN-SENT" not in terminal.text
    terminal.press(":")
    before = len(terminal.raw)
    terminal.type(':client send "\\x1b]0;owned\\x07\\x1b[2J"\r'.removeprefix(":"))
    terminal.wait_for("#4")
    terminal.press("2", "g")
    terminal.quiet(0.3)
    shown = bytes(terminal.raw[before:])
    assert b"\x1b]0;owned" not in shown and b"\x1b[2J\x07" not in shown and terminal.alive
    terminal.press("q")
    assert terminal.wait_exit() == 0 and terminal.restored == []
