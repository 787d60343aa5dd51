/** The wall, small; the product's sign. */
export function BrandMark({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" className="fill-accent">
      <path d="M2 3h5v5H2zM9.5 3h5v5h-5zM17 3h5v5h-5zM2 9.5h9v5H2zM13 9.5h9v5h-9zM2 16h5v5H2zM9 16h6v5H9zM17 16h5v5h-5z" />
    </svg>
  )
}
