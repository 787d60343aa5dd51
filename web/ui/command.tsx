/** A command for a terminal, or a text of many lines, to be read and copied. */
export function Command({ text }: { text: string }) {
  return (
    <pre
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="max-h-80 overflow-auto border-l-2 border-line-strong bg-sunk px-4 py-3 text-14"
    >
      {text}
    </pre>
  )
}
