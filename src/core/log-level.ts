/** How a run is told: pgmate's formats and levels, and what other programs call theirs. */

export const logFormats = ["text", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

/** Each tells what those behind it tell, and more. */
export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Whether something of the one level is told where `least` is asked for. */
export function isTold(level: LogLevel, least: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(least);
}

/**
 * Of two meanings the one that tells more: 30 is "info" to programs in JavaScript, "warning" to
 * those in Python.
 */
const otherLevels: Readonly<Record<LogLevel, readonly string[]>> = {
  debug: ["trace", "verbose", "silly", "fine", "finer", "finest", "all", "10", "20"],
  info: ["information", "informational", "notice", "log", "30"],
  warn: ["warning", "40"],
  error: [
    "err", "severe", "fatal", "crit", "critical", "alert", "emerg", "emergency", "panic",
    "off", "none", "silent", "quiet", "50", "60",
  ],
};

const otherFormats: Readonly<Record<LogFormat, readonly string[]>> = {
  json: ["jsonl", "ndjson"],
  text: ["plain", "console", "pretty", "human", "logfmt"],
};

/**
 * What a variable that programs share means by its level; undefined for what means nothing here.
 * Of a list (`info,sqlx=warn`) the first item counts.
 */
export function sharedLevel(text: string): LogLevel | undefined {
  const [first = ""] = text.toLowerCase().split(",");
  const word = first.trim();
  return logLevels.find((level) => level === word || otherLevels[level].includes(word));
}

/** Likewise of the format. */
export function sharedFormat(text: string): LogFormat | undefined {
  const word = text.trim().toLowerCase();
  return logFormats.find((format) => format === word || otherFormats[format].includes(word));
}
