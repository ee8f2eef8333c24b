import type { Bound } from "../../db/sql/driver.ts";

type Rows = readonly (readonly Bound[])[];

export interface SampleRows {
  readonly departments: Rows;
  readonly employees: Rows;
  readonly dept_emp: Rows;
  readonly titles: Rows;
  readonly salaries: Rows;
}

const EMPLOYEES = 200;
const FIRST_NUMBER = 10_001;
/** The first has no superior, the next ones lead the departments. */
const LEADERS = 10;
const TODAY = day(2025, 0, 1);

const DEPARTMENTS = [
  "Marketing",
  "Finance",
  "Human Resources",
  "Production",
  "Development",
  "Quality Management",
  "Sales",
  "Research",
  "Customer Service",
];
const CAREERS = [
  ["Engineer", "Senior Engineer", "Technique Leader"],
  ["Assistant Engineer", "Engineer", "Senior Engineer"],
  ["Staff", "Senior Staff", "Manager"],
  ["Associate", "Analyst", "Senior Analyst"],
];
const FIRST_NAMES = {
  F: [
    "Amara",
    "Beatriz",
    "Chiara",
    "Dilnoza",
    "Elif",
    "Freya",
    "Grace",
    "Hanna",
    "Ingrid",
    "Jun",
    "Katarzyna",
    "Leila",
    "Mei",
    "Nora",
    "Olga",
    "Priya",
    "Ruth",
    "Sofia",
    "Tamar",
    "Yuki",
  ],
  M: [
    "Anders",
    "Bashir",
    "Carlos",
    "Dmitri",
    "Emeka",
    "Farid",
    "Georgi",
    "Hiro",
    "Ivan",
    "Jonas",
    "Kwame",
    "Luca",
    "Mateo",
    "Nikhil",
    "Oscar",
    "Pavel",
    "Rafael",
    "Samuel",
    "Tomás",
    "Wei",
  ],
  X: ["Alex", "Kai", "Noa", "Robin", "Sam"],
} as const;
const LAST_NAMES = [
  "Abebe",
  "Andersen",
  "Bianchi",
  "Castro",
  "Chen",
  "Costa",
  "Dubois",
  "Eriksen",
  "Facello",
  "Fischer",
  "García",
  "Haddad",
  "Ivanova",
  "Jansen",
  "Kaya",
  "Kowalski",
  "Lindqvist",
  "Mbeki",
  "Moreau",
  "Nakamura",
  "Novák",
  "O'Brien",
  "Okafor",
  "Petrov",
  "Quispe",
  "Rossi",
  "Sato",
  "Silva",
  "Tanaka",
  "Torres",
  "Ueda",
  "Vargas",
  "Weber",
  "Yılmaz",
  "Zhang",
];

/** About a thousand rows, the same ones every time. */
export function sampleRows(): SampleRows {
  const people = Array.from({ length: EMPLOYEES }, (_, index) => person(index));
  return {
    departments: DEPARTMENTS.map((name, index) => [departmentNumber(index), name]),
    employees: people.map((each) => each.row),
    dept_emp: people.flatMap(departmentRows),
    titles: people.flatMap(titleRows),
    salaries: people.flatMap(salaryRows),
  };
}

interface Person {
  readonly number: number;
  readonly department: number;
  readonly hired: number;
  readonly row: readonly Bound[];
  readonly dice: Dice;
}

function person(index: number): Person {
  const dice = diceOf(index);
  const number = FIRST_NUMBER + index;
  const gender = dice(20) === 0 ? "X" : dice(2) === 0 ? "F" : "M";
  const first = pick(FIRST_NAMES[gender], dice);
  const last = pick(LAST_NAMES, dice);
  const born = day(1962 + dice(40), dice(12), 1 + dice(28));
  const hired = day(2005 + dice(19), dice(12), 1 + dice(28));
  const department = index < LEADERS ? Math.max(index - 1, 0) : dice(DEPARTMENTS.length);
  const manager = index === 0 ? null : index < LEADERS ? FIRST_NUMBER : FIRST_NUMBER + 1 + department;
  const email = `${asciiName(first)}.${asciiName(last)}.${number}@example.com`;
  const birth = Math.min(born, hired - 20 * 366);
  return {
    number,
    department,
    hired,
    dice,
    row: [number, first, last, email, gender, dateText(birth), dateText(hired), manager],
  };
}

/** One in five has come from another department. */
function departmentRows({ number, department, hired, dice }: Person): Rows {
  const now = departmentNumber(department);
  if (number < FIRST_NUMBER + LEADERS || dice(5) > 0) return [[number, now, dateText(hired), null]];
  const moved = between(hired, TODAY, dice);
  const before = departmentNumber((department + 1 + dice(DEPARTMENTS.length - 1)) % DEPARTMENTS.length);
  return [
    [number, before, dateText(hired), dateText(moved)],
    [number, now, dateText(moved), null],
  ];
}

function titleRows({ number, hired, dice }: Person): Rows {
  const career = pick(CAREERS, dice);
  const starts = startsFrom(hired, 1 + dice(2), dice);
  return starts.map((from, index) => [number, career[index] ?? "Manager", dateText(from), endOf(starts, index)]);
}

function salaryRows({ number, hired, dice }: Person): Rows {
  const starts = startsFrom(hired, 1 + dice(3), dice);
  let cents = 3_800_000 + dice(4_000_000);
  return starts.map((from, index) => {
    cents += dice(400_000);
    return [number, dateText(from), endOf(starts, index), cents / 100];
  });
}

/** Days on which something begins, the first of them `first`. */
function startsFrom(first: number, count: number, dice: Dice): readonly number[] {
  const starts = [first];
  for (let index = 1; index < count; index++) starts.push(between(starts[index - 1] ?? first, TODAY, dice));
  return starts;
}

function endOf(starts: readonly number[], index: number): string | null {
  const next = starts[index + 1];
  return next === undefined ? null : dateText(next);
}

/** Gives a whole number from 0 to below `sides`. */
type Dice = (sides: number) => number;

/** Mulberry32: a few lines of arithmetic that give the same numbers everywhere. */
function diceOf(seed: number): Dice {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * sides);
  };
}

function pick<T>(list: readonly [T, ...T[]] | readonly T[], dice: Dice): T {
  return list[dice(list.length)] as T;
}

function departmentNumber(index: number): string {
  return `d${String(index + 1).padStart(3, "0")}`;
}

/** Days since 1970. */
function day(year: number, month: number, date: number): number {
  return Date.UTC(year, month, date) / 86_400_000;
}

function dateText(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

/** A day after `first` and not after `last`. */
function between(first: number, last: number, dice: Dice): number {
  return first + 1 + dice(Math.max(last - first, 1));
}

function asciiName(name: string): string {
  return name
    .toLowerCase()
    .replaceAll("ı", "i")
    .normalize("NFD")
    .replace(/[^a-z]/g, "");
}
