"""A process is known by more than its id, so that one that comes back with the same id is another."""

import os
import socket
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.project import processes
from engine.project.processes import Process

words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


def test_this_process_runs() -> None:
    me = Process.current()
    assert me.pid == os.getpid()
    assert me.host == socket.gethostname()
    assert me.started
    assert not me.is_gone
    assert me == Process.current()


@given(st.builds(Process, words, st.integers(0, 2**31), words | st.just("")))
def test_a_process_as_text_and_back(process: Process) -> None:
    assert Process.parsed(str(process)) == process


@pytest.mark.parametrize("text", ["", "x", "-1 a b", "a b c", "１ a b"])
def test_other_text_is_no_process(text: str) -> None:
    assert Process.parsed(text) is None


def test_a_process_that_ended_is_gone_even_before_its_parent_asks() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        mark = processes.started(child.pid)
        assert mark
        child_process = replace(Process.current(), pid=child.pid, started=mark)
        assert not child_process.is_gone
        child.kill()
        child.wait()
        assert child_process.is_gone


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="zombies are looked at on Linux")
def test_a_zombie_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    mark = processes.started(child.pid) or "x"
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has asked how
    assert replace(Process.current(), pid=child.pid, started=mark).is_gone
    child.wait()


def test_another_process_with_the_same_id_is_not_this_one() -> None:
    assert replace(Process.current(), started="earlier").is_gone


def test_nobody_knows_of_another_computers_processes() -> None:
    assert not Process("elsewhere", 1, "x").is_gone


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 5])
def test_there_is_no_such_process(pid: int) -> None:
    assert processes.started(pid) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no ps")
def test_ps_tells_the_same_as_the_system() -> None:
    mine = processes.started_by_ps(os.getpid())
    assert mine is not None
    assert " " not in mine
    assert processes.started_by_ps(2**22 + 5) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no ps")
def test_without_ps_only_the_id_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert processes.started_by_ps(os.getpid()) == ""
    assert processes.started_by_ps(2**22 + 5) is None
