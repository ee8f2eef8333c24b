import { exampleCases } from "./cases.ts";
import { sampleStage } from "./stage.ts";

exampleCases("sample", undefined, sampleStage);
