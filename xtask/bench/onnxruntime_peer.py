"""onnxruntime, as serfiq's contender: reads a job name per line, runs the job, and prints its milliseconds and results.

Usage: onnxruntime_peer.py FOLDER THREADS, with the folder that `cargo xtask bench` fills.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime


def session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def planes(path: Path, channels: slice) -> np.ndarray:
    """A square RGB picture as the float planes [1, 3, side, side] that a graph takes."""
    pixels = np.frombuffer(path.read_bytes(), np.uint8)
    side = round((len(pixels) / 3) ** 0.5)
    return np.ascontiguousarray(pixels.reshape(side, side, 3)[:, :, channels].transpose(2, 0, 1)[None], np.float32)


def embeddings(outputs: dict[str, np.ndarray]) -> list[float]:
    return outputs["embedding"].ravel().tolist()


def best_confidence(outputs: dict[str, np.ndarray]) -> list[float]:
    return [max(float(np.sqrt(outputs[f"cls_{stride}"] * outputs[f"obj_{stride}"]).max()) for stride in (8, 16, 32))]


def main() -> None:
    folder, threads = Path(sys.argv[1]), int(sys.argv[2])
    rgb, bgr = slice(None), slice(None, None, -1)
    # A job: the graph, its input, and the outputs that are compared.
    jobs = {
        "embed": (session(folder / "embed.onnx", threads), planes(folder / "crop.rgb", rgb), embeddings),
        "mc": (session(folder / "passes.onnx", threads), planes(folder / "crop.rgb", rgb), embeddings),
        "detect320": (session(folder / "detect320.onnx", threads), planes(folder / "picture320.rgb", bgr), best_confidence),
        "detect640": (session(folder / "detect640.onnx", threads), planes(folder / "picture640.rgb", bgr), best_confidence),
    }
    for line in sys.stdin:
        job = line.strip()
        if job == "version":
            print(json.dumps(onnxruntime.__version__), flush=True)
            continue
        graph, data, values = jobs[job]
        feed = {graph.get_inputs()[0].name: data}
        names = [output.name for output in graph.get_outputs()]
        start = time.perf_counter()
        outputs = graph.run(names, feed)
        milliseconds = 1000 * (time.perf_counter() - start)
        print(json.dumps({"milliseconds": milliseconds, "values": values(dict(zip(names, outputs)))}), flush=True)


if __name__ == "__main__":
    main()
