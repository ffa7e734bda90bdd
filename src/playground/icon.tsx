// The icons. Each stands beside a text or a label, so all are hidden from screen readers.

const PATHS = {
  run: 'M8 5v14l11-7z',
  stop: 'M7 7h10v10H7z',
  close: 'M7 7l10 10M17 7L7 17',
  add: 'M12 5v14M5 12h14',
  theme: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
  file: 'M6 3h8l5 5v13H6zM14 3v5h5',
  video: 'M4 5h16v14H4zM10 9v6l5-3z',
  sound:
    'M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z',
  image: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9.5h.01',
  text: 'M5 6h14M5 10h14M5 14h14M5 18h8',
  other: 'M6 3h8l5 5v13H6zM14 3v5h5',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5',
  upload: 'M12 16V5M7 10l5-5 5 5M5 19h14',
  book: 'M5 4h6a2 2 0 0 1 2 2v14a2 2 0 0 0-2-2H5zM19 4h-4a2 2 0 0 0-2 2v14a2 2 0 0 1 2-2h4z',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
