"""The example with GNU parallel, on this machine and on simulated hosts."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import pyarrow.json
import pyarrow.parquet
from support import EXAMPLES, SERFIQ, make_pictures, score, write_program


class Parallel(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        pictures = cls.folder / "pictures"
        make_pictures(pictures)
        cls.paths = [str(path) for path in sorted(pictures.rglob("*")) if path.is_file()] + ["nowhere.jpg", "not there.png"]
        cls.list = cls.folder / "list"
        cls.list.write_text("".join(f"{path}\n" for path in cls.paths))
        cls.expected = score("--format", "jsonl", *cls.paths)

    def setUp(self):
        self.scores = self.folder / f"scores of {self.id().split('.')[-1]}"

    def run_example(self, *options, block=2, serfiq=SERFIQ, pictures=None):
        return subprocess.run(
            [EXAMPLES / "score_with_parallel.sh", pictures or self.list, self.scores, *options],
            env={**os.environ, "SERFIQ": str(serfiq), "BLOCK": str(block)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def results(self):
        return "".join(path.read_text() for path in sorted(self.scores.glob("*.jsonl")))

    def refused(self, run, words):
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn(words, run.stderr)

    def test_blocks_hold_what_one_run_prints_in_its_order(self):
        run = self.run_example("--jobs", "2")
        self.assertEqual((run.returncode, run.stdout), (0, ""), run.stderr)
        self.assertEqual(self.results(), self.expected)
        self.assertEqual(len(list(self.scores.glob("*.jsonl"))), (len(self.paths) + 1) // 2)

        # Converted to Parquet as in the documentation.
        whole = self.folder / "scores.jsonl"
        whole.write_text(self.results())
        parquet = self.folder / "scores.parquet"
        pyarrow.parquet.write_table(pyarrow.json.read_json(whole), parquet)
        rows = pyarrow.parquet.read_table(parquet).to_pylist()
        self.assertEqual([row["path"] for row in rows], self.paths)
        self.assertEqual({row["status"] for row in rows}, {"ok", "no_face", "unreadable"})

    def test_a_run_that_fails_or_is_killed_is_gone_on_with(self):
        for end in ["echo out of luck >&2; exit 3", 'kill -KILL "$PARALLEL_PID"; exit 3']:
            with self.subTest(end):
                self.scores = self.folder / f"scores after {end[:4]}"
                blocks, trouble, program = (self.folder / f"{name} {end[:4]}" for name in ("blocks", "trouble", "program"))
                trouble.touch()
                write_program(
                    program,
                    [
                        f'echo "$PARALLEL_SEQ" >> "{blocks}"',
                        f'if [ -e "{trouble}" ] && [ "$PARALLEL_SEQ" = 2 ]; then head -n 1 | "{SERFIQ}" "$@"; {end}; fi',
                        f'exec "{SERFIQ}" "$@"',
                    ],
                )
                self.refused(self.run_example("--jobs", "1", block=3, serfiq=program), "not every block was scored")
                self.assertEqual(blocks.read_text().split(), ["1", "2"], "the run ends with the first block that fails")

                trouble.unlink()
                run = self.run_example("--jobs", "1", block=3, serfiq=program)
                self.assertEqual(run.returncode, 0, run.stderr)
                self.assertEqual(blocks.read_text().split(), ["1", "2", "2", "3", "4"], "completed blocks are not scored again")
                self.assertEqual(self.results(), self.expected)

    def test_another_list_or_other_blocks_are_refused(self):
        self.assertEqual(self.run_example(block=100).returncode, 0)
        other = self.folder / "other list"
        other.write_text("nowhere.jpg\n")
        self.refused(self.run_example(block=100, pictures=other), "has no scores of")
        self.refused(self.run_example(block=3), "in blocks of 3")
        self.assertEqual(self.results(), self.expected)

    def test_hosts_get_nothing_but_the_list(self):
        self.assertGreaterEqual(len(self.paths), 10, "expected enough blocks for numbers of different lengths")
        hosts, ssh = self.folder / "hosts", self.folder / "ssh"
        # Called as `ssh HOST -- COMMAND`; as in a login, the command gets its own environment and folder.
        write_program(ssh, [f'echo "$1" >> "{hosts}"; shift 2', 'cd /; exec env -i PATH="$PATH" SHELL=/bin/sh sh -c "$*"'])
        run = self.run_example("--ssh", ssh, "--sshlogin", "1/one,1/two", block=1)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.results(), self.expected)
        self.assertEqual(set(hosts.read_text().split()), {"one", "two"})


if __name__ == "__main__":
    unittest.main()
