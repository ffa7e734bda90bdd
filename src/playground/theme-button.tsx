// Switches between dark and light. Until it is pressed, the system's theme is used.
import { useEffect, useState } from 'react'
import { Icon } from './icon.js'
import { keepTheme, readTheme } from './session.js'

const isDarkSystem = () => matchMedia('(prefers-color-scheme: dark)').matches

export function ThemeButton() {
  const [theme, setTheme] = useState(readTheme)
  useEffect(() => {
    if (theme) document.documentElement.dataset.theme = theme
  }, [theme])

  function change(): void {
    const isDark = theme ? theme === 'dark' : isDarkSystem()
    const next = isDark ? 'light' : 'dark'
    keepTheme(next)
    setTheme(next)
  }

  return (
    <button
      type="button"
      className="plain theme"
      onClick={change}
      aria-label="Change between dark and light"
      title="Dark or light"
    >
      <Icon name="theme" />
    </button>
  )
}
