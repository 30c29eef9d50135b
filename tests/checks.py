# SPDX-License-Identifier: MIT
"""What tests in Python print: a line `ok NAME` or `not ok NAME` for each check, and what was found instead."""
failures = []


def check(name, problem):
    """`problem`: a text; nothing if it is right."""
    print(f"not ok {name}" if problem else f"ok {name}", flush=True)
    if problem:
        failures.append(name)
        print("\n".join(f"# {line[:300]}" for line in str(problem).splitlines()[:12]))


def result(name, right, found=""):
    """`found`: is printed where it is not right."""
    check(name, "" if right else str(found) or "it is not so")


def exit_status():
    return 1 if failures else 0
