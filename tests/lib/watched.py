"""Is the tested program watched by a sanitizer or by valgrind?

Then its memory is not its own, and limits of memory say nothing about it.
"""


def is_watched(program):
    """A wrapper script counts; so does a build with a sanitizer."""
    with open(program, "rb") as file:
        content = file.read()
    return content.startswith(b"#!") or is_sanitized(content)


def is_sanitized(content):
    return b"__asan_init" in content or b"__tsan_init" in content
