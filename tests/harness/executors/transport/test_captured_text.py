"""Captured text: read once, cut where it is long, readable whatever its bytes are."""

import os

import pytest

from softcert.executors.transport.captured_text import TEXT_LIMIT, anonymous_file, take_text


@pytest.fixture(params=["memory", "folder"])
def file(request, monkeypatch):
    if request.param == "folder":
        monkeypatch.delattr(os, "memfd_create", raising=False)
    descriptor = anonymous_file("test")
    yield descriptor
    os.close(descriptor)


def test_text_is_taken_once(file):
    assert take_text(file) == ""
    os.write(file, "größer\n".encode())
    assert take_text(file) == "größer\n"
    assert take_text(file) == ""
    os.write(file, b"next")
    assert take_text(file) == "next"


def test_long_text_is_cut_and_tells_its_size(file):
    os.write(file, b"x" * TEXT_LIMIT)
    assert take_text(file) == "x" * TEXT_LIMIT
    os.write(file, b"x" * 100_000)
    assert take_text(file) == "x" * TEXT_LIMIT + " ... (100000 bytes)"


def test_bytes_that_are_no_text_are_escaped(file):
    os.write(file, b"a\xff\x00")
    assert take_text(file) == "a\\xff\x00"
