/** The bucket of prices: a key for each article, with cents as its value. */
export const PRICES = 'prices';
