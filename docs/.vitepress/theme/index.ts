import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';

import { HomeFigures } from './home-figures.js';
import './style.css';

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => void app.component('HomeFigures', HomeFigures),
};
export default theme;
