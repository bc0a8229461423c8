"""Builds our programs in another way, for figures beside those of the usual build."""
import subprocess

from support.programs import ROOT


def build(name, *options):
    """The folder of the programs, built with `options` of CMake on top of the release's."""
    folder = ROOT / "build" / f"bench-{name}"
    for command in (["cmake", "--preset", "programs", "-B", folder, *options], ["cmake", "--build", folder, "--target", "ss-local", "ss-server"]):
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, command))} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return folder / "bin"
