/**
 * The shapes that go between the engine, the worker and the page. Records (`Scored`, `WatchedFrame`, `Measures`, `GuideSettings`) have
 * the words of the command line's records; what they mean, in which units, and where it comes from is in `docs/guidance.md`.
 * @module types
 */

/** @typedef {'auto' | 'webgpu' | 'cpu'} BackendChoice */
/** @typedef {(typeof import('./methods.js').METHODS)[number]} MethodName Monte Carlo dropout passes, or their closed-form limit. */

/**
 * What a picture can be taken from. Files (`Blob`, `File`) are JPEG, PNG or WebP.
 * @typedef {Blob | HTMLImageElement | HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | ImageBitmap | ImageData | VideoFrame} PictureSource
 */

/**
 * @typedef {object} EngineOptions
 * @property {BackendChoice} [backend] `auto` by default: WebGPU where there is a GPU, else the CPU
 * @property {string} [model] name of a recogniser of this build; by default its first
 * @property {OwnRecogniser} [recogniser] a recogniser of your own, in place of `model`
 * @property {string | URL} [assetBase] folder of this package's files on a server, where they are not next to this module
 * @property {(progress: Progress) => void} [onProgress]
 * @property {AbortSignal} [signal]
 */

/**
 * A recogniser of your own: any ONNX recogniser for aligned faces of 112 x 112 pixels, and what its file does not say. Addresses are
 * relative to the document.
 * @typedef {object} OwnRecogniser
 * @property {string | URL | Blob} onnx the file, or its address
 * @property {RecogniserCard | string | URL | Blob} [card] as an object; or a TOML file of the same keys, or its address
 */

/**
 * What a recogniser's file does not say; `docs/own-recogniser.md` explains each key.
 * @typedef {object} RecogniserCard
 * @property {string} [name] what answers call it; by default the name of its file, without the ending
 * @property {string} [author]
 * @property {string} [licence] of the weights, as an SPDX expression
 * @property {{ registry: 'file', sha256: string }} [source] has any other file refused
 * @property {InputCard} [input] may be left out where the network scales its pixels itself
 * @property {{ node?: string, probability?: number }} [dropout] where the dropout is, and its probability, where the network has none
 * @property {CalibrationCard} [calibration] without it there are raw scores only: no quality, and no limit
 */

/**
 * How a channel value of 0 to 255 reaches the network: as `(value - mean) * scale`.
 * @typedef {object} InputCard
 * @property {'rgb' | 'bgr'} [colour] order of the channels; `rgb` by default
 * @property {number} [mean]
 * @property {number} [scale]
 */

/**
 * From a raw score s to a quality, `100 / (1 + exp(-alpha (s - r)))`, and the constant k of the limit: as `serfiq calibrate` fits them.
 * @typedef {object} CalibrationCard
 * @property {number} alpha
 * @property {number} r
 * @property {number} k
 * @property {string} [images] what they were fitted to
 * @property {string} [method] how they were fitted
 */

/**
 * @typedef {object} EngineInfo
 * @property {'webgpu' | 'cpu'} backend
 * @property {number} threads of the CPU, among which each face's work is divided: more than 1 only in a page that is isolated
 * from other origins, and without WebGPU
 * @property {string} module URL of the WebAssembly module that runs
 * @property {string | null} adapter the GPU's own name, where it tells
 * @property {string | null} fallbackReason why WebGPU does not run; null when it does or was not asked for
 * @property {string} model
 * @property {string} modelSha256 of the recogniser's file
 * @property {MethodName[]} methods
 * @property {MethodName} defaultMethod
 * @property {number} dropout probability that a feature is dropped
 * @property {boolean} calibrated whether there are qualities, and the limit; without a calibration there are raw scores only
 * @property {boolean} trainedWithDropout whether the recogniser was; the scores of one that was not may say less
 * @property {string} version
 * @property {GuideInfo} guide what pictures are judged by
 */

/**
 * What the guide says and goes by.
 * @typedef {object} GuideInfo
 * @property {Instruction[]} instructions all there are, in order of precedence
 * @property {Rule[]} rules
 * @property {Required<GuideSettings>} defaults of a camera
 * @property {Required<GuideSettings>} ofPhoto of `engine.score`: the same, but that a face may be anywhere in the picture
 */

/**
 * One rule of the guide.
 * @typedef {object} Rule
 * @property {Instruction} instruction what is said when it is broken
 * @property {Exclude<keyof GuideSettings, 'capture' | 'shown_ms'>} setting the name of its limit and margin
 * @property {'share' | 'pixels' | 'eye_distances' | 'eye_distances_per_second' | 'stops' | 'luminance' | 'degrees' | 'sharpness' | 'score'} unit
 * @property {'above' | 'below'} bad on which side of the limit
 * @property {Threshold} default
 */

/**
 * @typedef {object} ModelCard
 * @property {string} name
 * @property {'recogniser' | 'detector'} role
 * @property {string} file base name: under `models/`, or of your own recogniser's file
 * @property {number} bytes
 * @property {string} sha256
 * @property {string | null} licence null where it is not known
 * @property {string | null} author null where it is not known
 * @property {string} source
 */

/**
 * @typedef {object} ScoredFace
 * @property {[number, number, number, number]} box x, y, width, height in pixels of the picture
 * @property {[number, number][]} landmarks right eye, left eye, nose, right and left corner of the mouth, in pixels
 * @property {number} confidence the detector's score, 0 to 1
 * @property {number | null} raw robustness in (0, 1]; null when this face was not scored
 * @property {number | null} quality 0 to 100; null when this face was not scored, or the recogniser is not calibrated
 * @property {number | null} std_error of `raw`; Monte Carlo only
 */

/**
 * @typedef {object} FaceMeasures
 * @property {{ inter_eye: number, fill: number, room: number, offset: [number, number] }} framing
 * @property {{ yaw: number, pitch: number, roll: number }} pose in degrees
 * @property {number} rival
 * @property {number | null} backlight in stops
 * @property {number | null} unevenness in stops
 */

/**
 * What is measured of the largest face; where there is none, light and sharpness of the whole picture.
 * @typedef {object} Measures
 * @property {{ luminance: number, over_exposed: number }} light
 * @property {number} sharpness
 * @property {FaceMeasures | null} face
 */

/**
 * What is wrong, as the person is told of it; of all that is wrong, the first is said. Directions are the person's own.
 * @typedef {'no_face' | 'several_faces' | 'cut_off' | 'too_far' | 'too_close' | 'move_left' | 'move_right' | 'move_up' | 'move_down'
 *   | 'backlit' | 'too_dark' | 'too_bright' | 'light_from_left' | 'light_from_right' | 'tilt_left' | 'tilt_right' | 'turn_left'
 *   | 'turn_right' | 'look_up' | 'look_down' | 'moving' | 'blurred' | 'hard_to_recognise' | 'hold_still'} Instruction
 */

/**
 * @typedef {object} Report what is said of one picture
 * @property {'ok' | 'no_face'} status
 * @property {string} model scores of two models do not compare
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
 * @property {Instruction[]} issues all that is wrong with the picture by itself, in order of precedence; never `hold_still`
 * @property {boolean} accepted the verdict: the largest face was scored, and nothing is wrong
 * @property {number | null} threshold the least score that is accepted: a quality, or a raw score where there are none; null where none
 *   is too low
 */

/** @typedef {Report} Scored every face is scored */

/**
 * @typedef {Report & WatchedOnly} WatchedFrame only the largest face is scored, and on a slow machine not that of every frame
 * @typedef {object} WatchedOnly
 * @property {Instruction} instruction the one thing to tell the person; `hold_still` when nothing is wrong
 * @property {number | null} speed of the face, in distances between the eyes a second
 * @property {{ state: 'off' } | { state: 'waiting', progress: number } | { state: 'taken', score: number } | { state: 'time_up' }} capture
 *   `progress`, 0 to 1, of the good frames in a row
 * @property {Picture | null} picture the picture that the guide has taken, with the first frame that says so
 */

/**
 * @typedef {object} Picture
 * @property {Blob} blob the whole frame at the camera's resolution, not mirrored
 * @property {Blob | null} crop the face aligned for recognition, 112 x 112 pixels as PNG; null unless asked for
 * @property {Report} report of this frame
 */

/**
 * @typedef {object} ScoreSettings
 * @property {MethodName} [method] by default the limit on the CPU, if the recogniser is calibrated; else Monte Carlo
 * @property {number} [passes] Monte Carlo only; 100 by default
 * @property {number} [seed] Monte Carlo only
 */

/** @typedef {ScoreSettings & { guide?: GuideSettings, signal?: AbortSignal }} ScoreOptions */

/**
 * @typedef {ScoreSettings & WatchSettings} WatchOptions
 * @typedef {object} WatchSettings
 * @property {GuideSettings} [guide]
 * @property {'image/jpeg' | 'image/png' | 'image/webp'} [pictureType] `image/jpeg` by default
 * @property {number} [pictureQuality] 0 to 1, of JPEG and WebP; 0.95 by default
 * @property {boolean} [crop] whether pictures come with the aligned crop
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {object} TakeOptions
 * @property {boolean} [belowThreshold] whether any frame with a face will do
 * @property {AbortSignal} [signal]
 */

/** @typedef {{ limit: number, margin: number }} Threshold beyond `limit` is bad; what was bad is good again `margin` inside of it */

/**
 * What the guide goes by; the defaults, their units and their sources are in `docs/guidance.md`.
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
 * @property {Threshold} [yaw]
 * @property {Threshold} [pitch]
 * @property {Threshold} [roll]
 * @property {Threshold} [speed]
 * @property {Threshold} [sharpness]
 * @property {Threshold} [score] a quality, 0 to 100; with a recogniser that is not calibrated a raw score, 0 to 1, and by default none is
 * too low
 * @property {number} [shown_ms]
 * @property {CaptureSettings | null} [capture] when a picture is taken by itself; null for never
 */

/**
 * @typedef {object} CaptureSettings
 * @property {number} [good_frames] so many good frames in a row
 * @property {number} [steady_ms] that span so many milliseconds
 * @property {number | null} [time_limit_ms] after so many the best frame is taken; null for no limit
 * @property {boolean} [below_threshold] whether at the time limit a frame below the threshold of the score is better than none
 */

/**
 * @typedef {object} Jitter
 * @property {number} raw
 * @property {number | null} quality null where the recogniser is not calibrated
 * @property {number | null} std_error
 * @property {[number, number][]} points one for each dropout pass, in the unit of the embedding's space
 */

/**
 * @typedef {object} Progress
 * @property {'engine' | 'models' | 'starting'} what the WebAssembly module, the model files, or the engine's own start
 * @property {number} loaded bytes
 * @property {number | null} total bytes; null where the server does not tell
 */

export {};
