/** A command for a terminal, to be read and copied. */
export function Command({ text }: { text: string }) {
  return (
    // A region that scrolls sideways must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <pre tabIndex={0} className="overflow-x-auto border-l-2 border-line-strong bg-sunk px-4 py-3 text-14">
      {text}
    </pre>
  )
}
