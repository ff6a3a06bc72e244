/**
 * The types exchanged between the engine, the worker and the page. Records (`Scored`, `WatchedFrame`, `Measures`, `GuideSettings`) have
 * the field names of the command line's records; their meaning, units and sources are in `docs/guidance.md`.
 * @module types
 */

/** @typedef {'auto' | 'webgpu' | 'cpu'} BackendChoice */
/** @typedef {(typeof import('./methods.js').METHODS)[number]} MethodName Monte Carlo dropout passes, or their closed-form limit. */

/**
 * @typedef {object} EngineOptions
 * @property {BackendChoice} [backend] `auto` by default: WebGPU where there is a GPU, else the CPU
 * @property {string} [model] name of a recogniser in this build; the first by default
 * @property {OwnRecogniser} [recogniser] a recogniser of your own, in place of `model`
 * @property {boolean} [landmarks] whether the pose comes from 468 landmarks instead of the detector's five, for a download of 1.1 MB; true by
 *   default
 * @property {string | URL} [assetBase] folder of this package's files on a server, if they are not next to this module
 * @property {(progress: Progress) => void} [onProgress]
 * @property {AbortSignal} [signal]
 */

/**
 * A recogniser of your own: any ONNX or TFLite recogniser for aligned faces of 112 x 112 pixels, and a card with what its file omits.
 * Addresses are relative to the document.
 * @typedef {object} OwnRecogniser
 * @property {string | URL | Blob} onnx the file, or its address
 * @property {RecogniserCard | string | URL | Blob} [card] an object, a TOML file with the same keys, or that file's address
 */

/**
 * What a recogniser's file omits; `docs/own-recogniser.md` explains each key.
 * @typedef {object} RecogniserCard
 * @property {string} [name] its name in results; by default its file name, without the extension
 * @property {string} [author]
 * @property {string} [licence] of the weights, as an SPDX expression
 * @property {{ registry: 'file', sha256: string }} [source] rejects any other file
 * @property {InputCard} [input] may be omitted if the network scales its pixels itself
 * @property {{ node?: string, probability?: number }} [dropout] where the dropout is, and its probability if the network has no Dropout
 * @property {CalibrationCard} [calibration] without it there are only raw scores: no quality, and no method `limit`
 * @property {CellsCard} [cells] without it an explanation has no `reading`, and covers of the face are not recognised
 */

/**
 * Converts a channel value of 0 to 255 to the network's input: `(value - mean) * scale`.
 * @typedef {object} InputCard
 * @property {'rgb' | 'bgr'} [colour] order of the channels; `rgb` by default
 * @property {number} [mean]
 * @property {number} [scale]
 */

/**
 * Maps a raw score s to a quality, `100 / (1 + exp(-alpha (s - r)))`; k is the constant of the limit. `serfiq calibrate` fits them.
 * @typedef {object} CalibrationCard
 * @property {number} alpha
 * @property {number} r
 * @property {number} k
 * @property {string} [images] what they were fitted to
 * @property {string} [method] how they were fitted
 * @property {PercentilesCard} [percentiles] how the scores of known faces are distributed
 */

/**
 * A table of percentiles, which `serfiq calibrate` writes: `at[i]` percent of the faces have a raw score below `raw[i]`.
 * @typedef {object} PercentilesCard
 * @property {string} of name of the pictures
 * @property {number[]} at rising from 0 to 100
 * @property {number[]} raw
 */

/**
 * What clean faces have in each cell of the recogniser's features. Each list has one number for each cell, row by row from the top left.
 * @typedef {object} CellsCard
 * @property {number} rows
 * @property {number} columns
 * @property {number[]} signal medians
 * @property {number[]} signal_deviation robust standard deviations, above 0
 * @property {number[]} energy medians of the logarithm, relative to the mean of all cells
 * @property {number[]} energy_deviation robust standard deviations, above 0
 * @property {{ mouth: CoverCard, eyes: CoverCard, face: CoverCard }} [covers] how covers of the face are recognised
 */

/**
 * Weights of a logistic regression that tells one cover from none; one number for each cell.
 * @typedef {object} CoverCard
 * @property {number} bias
 * @property {number[]} signal
 * @property {number[]} signal_squared
 * @property {number[]} energy
 * @property {number[]} energy_squared
 */

/**
 * @typedef {object} EngineInfo
 * @property {'webgpu' | 'cpu'} backend
 * @property {number} threads number of CPU threads, which share the work on each face; more than 1 only in a cross-origin isolated page
 * without WebGPU
 * @property {string} module URL of the WebAssembly module in use
 * @property {string | null} adapter the GPU's name, if it reports one
 * @property {string | null} fallbackReason why WebGPU is not in use, or the engine was replaced; null if it is, or was not requested
 * @property {FallbackCode | null} fallbackCode the same for programs
 * @property {string} model
 * @property {string} modelSha256 of the recogniser's file
 * @property {MethodName[]} methods
 * @property {MethodName} defaultMethod
 * @property {number} dropout probability that a feature is dropped
 * @property {boolean} calibrated whether qualities and the limit are available; without a calibration there are only raw scores
 * @property {Percentiles | null} percentiles how the scores of known faces are distributed, for `percentileOf`; null if the recogniser's card
 *   does not say
 * @property {boolean} trainedWithDropout whether the recogniser was; otherwise its scores may be less informative
 * @property {string} version
 * @property {GuideInfo} guide the rules by which pictures are judged
 */

/**
 * How the scores of known faces are distributed.
 * @typedef {object} Percentiles
 * @property {string} of name of the pictures, such as `LFW, View 1`
 * @property {{ percent: number, raw: number, quality: number }[]} points `percent` of the faces score lower; from 0 to 100, rising
 */

/**
 * Why WebGPU is not in use: there is no WebGPU, no graphics processor, or only a slow imitation of one (`software-adapter`), this build has
 * no module for it, WebKit has to be asked for it, or it did not start. `gpu-lost`: the GPU stopped; `engine-died`: the whole engine did.
 * @typedef {'no-webgpu' | 'no-adapter' | 'software-adapter' | 'webkit' | 'left-out' | 'webgpu-failed' | 'gpu-lost' | 'engine-died'} FallbackCode
 */

/**
 * The guide's instructions, rules and settings.
 * @typedef {object} GuideInfo
 * @property {Instruction[]} instructions all instructions, in order of precedence
 * @property {Rule[]} rules
 * @property {GuideDefaults} defaults for a camera
 * @property {GuideDefaults} ofPhoto for `engine.score`: the same, except that a face may be anywhere in the picture
 */

/**
 * Default settings. `score` is null for an uncalibrated recogniser, whose raw scores have no default minimum.
 * @typedef {Required<Omit<GuideSettings, 'score'>> & { score: Threshold | null }} GuideDefaults
 */

/**
 * One rule of the guide.
 * @typedef {object} Rule
 * @property {Instruction} instruction shown when the rule is broken
 * @property {Exclude<keyof GuideSettings, 'capture' | 'shown_ms'>} setting the name of its limit and margin
 * @property {'share' | 'pixels' | 'eye_distances' | 'eye_distances_per_second' | 'stops' | 'luminance' | 'chroma' | 'degrees' | 'eyes_to_chin' | 'sharpness' | 'log_odds' | 'score'} unit
 *   `log_odds`: a natural logarithm of odds
 * @property {'above' | 'below'} bad which side of the limit is bad
 * @property {Threshold} default
 * @property {number | null} suspected limit beyond which the measure is suspected to be the reason for a low score, with the default limit; it
 *   moves with the limit. `null` for a measure that does not make a face hard to recognise
 */

/**
 * @typedef {object} ModelCard
 * @property {string} name
 * @property {'recogniser' | 'detector' | 'landmarks'} role
 * @property {string} file base name, under `models/` or of your own recogniser's file
 * @property {number} bytes
 * @property {string} sha256
 * @property {string | null} licence null if unknown
 * @property {string | null} author null if unknown
 * @property {string} source
 */

/**
 * @typedef {object} ScoredFace
 * @property {[number, number, number, number]} box x, y, width, height in pixels of the picture
 * @property {[number, number][]} landmarks right eye, left eye, nose, right and left corner of the mouth, in pixels
 * @property {number} confidence the detector's score, 0 to 1
 * @property {number | null} raw robustness in (0, 1]; null when this face was not scored
 * @property {number | null} quality 0 to 100; null when this face was not scored, or the recogniser is not calibrated
 * @property {number | null} percentile percentage of known faces that score lower, 0 to 100 (`engine.info.percentiles` names them); null when
 *   there is no quality, or the recogniser's card has no percentiles
 * @property {number | null} std_error of `raw`; Monte Carlo only
 */

/**
 * @typedef {object} FaceMeasures
 * @property {{ inter_eye: number, fill: number, room: number, offset: [number, number] }} framing
 * @property {{ yaw: number, pitch: number, roll: number }} pose in degrees
 * @property {number} rival
 * @property {number | null} backlight in stops
 * @property {number | null} unevenness in stops
 * @property {number} chroma in CIELAB; 0 is grey
 * @property {number | null} eyes_open in distances from the eyes to the chin; null without the 468 landmarks
 * @property {number | null} mouth_open likewise
 * @property {Cover | null} cover what covers the face; null for a face that was not scored, or if the recogniser's card does not say what
 *   covers do
 */

/**
 * What covers a face, judged by what the recogniser finds in its parts: for each cover, the natural logarithm of its odds against no cover.
 * Above 0, the cover is likelier than none.
 * @typedef {object} Cover
 * @property {number} mouth the mouth is hidden: a mask, a scarf, a hand
 * @property {number} eyes both eyes are hidden: sunglasses
 * @property {number} face more than a quarter of the face is hidden: a hand, hair, a phone
 */

/**
 * Measurements of the largest face; without a face, light and sharpness of the whole picture.
 * @typedef {object} Measures
 * @property {{ luminance: number, over_exposed: number }} light
 * @property {number} sharpness
 * @property {FaceMeasures | null} face
 */

/**
 * A fault, as the instruction shown to the person. If there are several, the first in order of precedence is shown. Directions are from
 * the person's point of view.
 * @typedef {'turned' | 'no_face' | 'several_faces' | 'cut_off' | 'too_far' | 'too_close' | 'move_left' | 'move_right' | 'move_up'
 *   | 'move_down' | 'backlit' | 'too_dark' | 'too_bright' | 'light_from_left' | 'light_from_right' | 'too_colourless' | 'tilt_left'
 *   | 'tilt_right' | 'turn_left' | 'turn_right' | 'look_up' | 'look_down' | 'mouth_covered' | 'eyes_covered' | 'face_covered'
 *   | 'eyes_closed' | 'mouth_open' | 'moving' | 'blurred' | 'hard_to_recognise' | 'hold_still'} Instruction
 */

/**
 * @typedef {object} Report the result for one picture
 * @property {'ok' | 'no_face'} status
 * @property {string} model scores of different models are not comparable
 * @property {string} model_sha256 of the recogniser's file: one name may stand for several files
 * @property {MethodName} method
 * @property {number | null} passes Monte Carlo only
 * @property {number | null} seed Monte Carlo only
 * @property {number} dropout probability
 * @property {ScoredFace[]} faces largest first
 * @property {number} width in pixels
 * @property {number} height in pixels
 * @property {{ detect: number, score: number, total: number }} milliseconds
 * @property {Measures} measures
 * @property {Instruction[]} issues every fault of this picture on its own: the certain ones in order of precedence, then those only
 *   suspected to be the reason for a low score; never `hold_still`
 * @property {boolean} accepted the verdict: the largest face was scored, and nothing is wrong
 * @property {number | null} threshold the minimum accepted score: a quality, or a raw score without a calibration; null if no score is
 *   too low
 */

/** @typedef {Report & StandardPart} Scored every face is scored */

/**
 * @typedef {Scored & ExplanationPart} Explained
 * @typedef {object} ExplanationPart
 * @property {Explanation} [explanation] of the largest face's score; only if asked for, and missing without a face
 */

/**
 * Why a score is what it is: where on the face the recogniser reads, and how much. The aligned face is divided into equal cells; each list
 * has one number for each cell, row by row from the top left. `docs/explain.md` has the mathematics.
 * @typedef {object} Explanation
 * @property {number} rows number of rows of cells
 * @property {number} columns number of cells in a row
 * @property {[number, number][]} corners of the aligned face in the picture: top left, top right, bottom right, bottom left. In pixels;
 *   whole numbers are the middles of pixels
 * @property {number[]} signal how much of the embedding's length each cell adds; negative for a cell that opposes the others
 * @property {number[]} noise how much of the variance that dropout causes each cell adds
 * @property {number[]} energy how much the recogniser finds in each cell
 * @property {number[] | null} reading how much it reads in each cell: 0 for nothing, 1 for as much as usual or more; null if the recogniser's
 *   card does not say what is usual
 * @property {Parts | null} parts the same for parts of the face
 * @property {Cover | null} cover what covers the face; null if the recogniser's card does not say what covers do
 */

/**
 * How much the recogniser reads in parts of a face: the mean of `reading` over each, 0 to 1. Left and right are those of the picture.
 * @typedef {object} Parts
 * @property {number} forehead above the brows
 * @property {number} eyes both eyes, with the brows
 * @property {number} nose
 * @property {number} mouth mouth and chin
 * @property {number} left the left half
 * @property {number} right the right half
 */

/**
 * @typedef {object} StandardPart
 * @property {StandardMeasures} [standard_measures] only if asked for with `standardMeasures`
 * @property {[number, number, number][] | undefined} [mesh] the 468 landmarks that these are taken from, x, y and depth in pixels of the
 *   picture; only with them, and only if they were found
 */

/**
 * The measures of ISO/IEC 29794-5 that are implemented, by the names that OFIQ, its reference implementation, uses: `docs/measures.md`.
 * @typedef {Record<string, StandardMeasure>} StandardMeasures
 */

/**
 * @typedef {object} StandardMeasure
 * @property {number | null} native in the measure's own unit; null if it was not assessed
 * @property {number | null} quality 0 to 100, 100 is best; null if it was not assessed
 * @property {'no_face' | 'no_landmarks' | 'out_of_picture' | null} unassessed why it was not assessed; null if it was
 * @property {boolean} approximate whether the standard's definition is followed only approximately
 */

/**
 * @typedef {Report & WatchedOnly} WatchedFrame only the largest face is scored, and on a slow machine not in every frame
 * @typedef {object} WatchedOnly
 * @property {Instruction} instruction the one thing to tell the person; `hold_still` when nothing is wrong
 * @property {number | null} speed of the face, in eye distances per second
 * @property {{ state: 'off' } | { state: 'waiting', progress: number } | { state: 'taken', score: number }
 *   | { state: 'time_up', fault: Instruction | null }} capture `progress`: 0 to 1, through the required run of good frames; `fault`: what was
 *   wrong most of the time, null if no fault was shown
 * @property {Picture | null} picture the picture that the guide took; only in the first frame with state `taken`
 */

/**
 * @typedef {object} Picture
 * @property {Blob} blob the whole frame at the camera's resolution, not mirrored
 * @property {Blob | null} crop the face aligned for recognition, 112 x 112 pixels as PNG; null unless requested
 * @property {Report & StandardPart & ExplanationPart} report of this frame
 */

/**
 * @typedef {object} ScoreSettings
 * @property {MethodName} [method] by default the limit on the CPU, if the recogniser is calibrated; else Monte Carlo
 * @property {number} [passes] Monte Carlo only, 2 to 1000; 100 by default
 * @property {number} [seed] Monte Carlo only
 */

/**
 * @typedef {ScoreSettings & OfOneScore} ScoreOptions
 * @typedef {object} OfOneScore
 * @property {GuideSettings} [guide]
 * @property {boolean} [standardMeasures] whether the result also has the measures of ISO/IEC 29794-5; false by default
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {ScoreSettings & WatchSettings} WatchOptions
 * @typedef {object} WatchSettings
 * @property {GuideSettings} [guide]
 * @property {'image/jpeg' | 'image/png' | 'image/webp'} [pictureType] `image/jpeg` by default, and where the browser cannot write WebP
 * @property {number} [pictureQuality] 0 to 1, for JPEG and WebP; 0.95 by default
 * @property {boolean} [crop] whether pictures include the aligned crop
 * @property {boolean} [standardMeasures] whether the report of a picture has the measures of ISO/IEC 29794-5; false by default
 * @property {boolean} [explain] whether the report of a picture has an `explanation`: why the score of the face is what it is; there is
 *   none if the recogniser's features do not lie on a grid over the face; false by default
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {object} TakeOptions
 * @property {boolean} [belowThreshold] whether any frame with a face will do
 * @property {AbortSignal} [signal]
 */

/** @typedef {{ limit: number, margin: number }} Threshold a value beyond `limit` is bad, until it is `margin` inside the limit */

/**
 * Settings of the guide; the defaults, their units and sources are in `docs/guidance.md`.
 * @typedef {object} GuideSettings
 * @property {Threshold} [rival]
 * @property {Threshold} [room]
 * @property {Threshold} [inter_eye]
 * @property {Threshold} [fill]
 * @property {Threshold} [offset_across]
 * @property {Threshold} [offset_down]
 * @property {Threshold} [backlight]
 * @property {Threshold} [darkest]
 * @property {Threshold} [brightest]
 * @property {Threshold} [over_exposed]
 * @property {Threshold} [unevenness]
 * @property {Threshold} [chroma]
 * @property {Threshold} [yaw]
 * @property {Threshold} [pitch]
 * @property {Threshold} [roll]
 * @property {Threshold} [cover]
 * @property {Threshold} [eyes_open]
 * @property {Threshold} [mouth_open]
 * @property {Threshold} [speed]
 * @property {Threshold} [sharpness]
 * @property {Threshold} [score] a quality, 0 to 100; for an uncalibrated recogniser a raw score, 0 to 1, with no minimum by default
 * @property {number} [shown_ms]
 * @property {CaptureSettings | null} [capture] when a picture is taken automatically; null for never
 */

/**
 * @typedef {object} CaptureSettings
 * @property {number} [good_frames] consecutive good frames required
 * @property {number} [steady_ms] milliseconds that they must span
 * @property {number | null} [time_limit_ms] milliseconds after which the best frame is taken; null for no limit
 * @property {boolean} [below_threshold] whether a frame below the score threshold may be taken at the time limit
 */

/**
 * @typedef {object} Jitter
 * @property {number} raw
 * @property {number | null} quality null if the recogniser is not calibrated
 * @property {number | null} percentile as in `ScoredFace`
 * @property {number | null} std_error
 * @property {[number, number][]} points one per dropout pass, in the unit of the embedding's space
 */

/**
 * @typedef {object} Progress
 * @property {'engine' | 'models' | 'starting'} what the WebAssembly module, the model files, or the engine's own start
 * @property {number} loaded bytes
 * @property {number | null} total bytes; null if unknown
 */

export {};
