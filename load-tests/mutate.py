#!/usr/bin/env python3
"""Breaks the code on purpose, one way after the other, and shows which rule of the simulation finds it, after how many seeds.

  mutate.py [--seeds N] [--steps N] [--profile debug|release] [NAME ...]

Only the patches of mutations/ whose name begins with one of NAME, or all. A debug build is made sooner and runs longer.

Each patch is applied to a copy of HEAD under artifacts/, built there and run by `tandem-load simulate` from seed 0. The exit
code is 1 when a break is not found. The copy is kept, with what was built in it, for the next time.
"""
import argparse, re, subprocess, sys, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATCHES = ROOT / "load-tests" / "mutations"
COPY = ROOT / "artifacts" / "mutant"
BROKEN = re.compile(r"^seed (\d+), step \d+: (.*)$", re.M)


def git(*arguments, at=COPY):
    subprocess.run(["git", *arguments], cwd=at, check=True, stdout=subprocess.DEVNULL)


def refresh():
    """Brings the copy to HEAD."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    if not COPY.exists():
        git("worktree", "add", "--force", "--detach", str(COPY), head, at=ROOT)
    git("checkout", "--quiet", "--force", "--detach", head)


def survive(patch, seeds, steps, profile):
    """Breaks the copy and runs it; returns how many seeds it took and the rule, or None when no rule was broken."""
    git("checkout", "--quiet", "--force", "HEAD", "--", ".")
    git("apply", str(patch))
    build = ["cargo", "build", "--quiet", "-p", "load-tests", "--bin", "tandem-load"]
    subprocess.run([*build, *(["--release"] if profile == "release" else [])], cwd=COPY, check=True)
    simulate = [str(COPY / "target" / profile / "tandem-load"), "simulate", "--jobs", "1", "--tail", "0",
                "--seeds", str(seeds), "--steps", str(steps)]
    run = subprocess.run(simulate, cwd=COPY, capture_output=True, text=True)
    if run.returncode == 0:
        return None
    found = BROKEN.search(run.stdout)
    if not found:
        sys.exit(f"{patch.stem}: the run ended without naming a seed:\n{run.stdout}{run.stderr}")
    return int(found[1]) + 1, found[2].removeprefix("assertion `left == right` failed: ")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--profile", choices=["debug", "release"], default="debug")
    parser.add_argument("names", nargs="*")
    wanted = parser.parse_args()
    refresh()
    passed = failed = 0
    for patch in sorted(PATCHES.glob("*.patch")):
        if wanted.names and not any(patch.stem.startswith(name) for name in wanted.names):
            continue
        began = time.monotonic()
        found = survive(patch, wanted.seeds, wanted.steps, wanted.profile)
        took = time.monotonic() - began
        if found:
            passed += 1
            print(f"FOUND  {patch.stem}: after {found[0]} seeds ({took:.0f} s): {found[1][:160]}", flush=True)
        else:
            failed += 1
            print(f"MISSED {patch.stem}: {wanted.seeds} seeds held every rule ({took:.0f} s)", flush=True)
    git("checkout", "--quiet", "--force", "HEAD", "--", ".")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
