/** The types of `serfiq/node`. */
export * from './index.js';
export type { Band } from '../quality-bands.js';
export type {
  CalibrationCard, CellsCard, Cover, CoverCard, EngineInfo, Explained, Explanation, FaceMeasures, GuideDefaults, GuideInfo, GuideSettings,
  InputCard, Instruction, Measures, MethodName, ModelCard, Parts, PercentilesCard, Percentiles, RecogniserCard, Report, Rule, ScoreOptions,
  ScoreSettings, Scored, ScoredFace, StandardMeasure, StandardMeasures, Threshold,
} from '../types.js';
export type { NodeEngineOptions } from './engine.js';
export type { PictureFile } from './pictures.js';
export type { OwnRecogniserFiles } from './recogniser.js';
