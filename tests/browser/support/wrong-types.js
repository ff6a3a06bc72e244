/** Wrong on purpose, to show that the type test finds errors. @type {number} */
export const length = 'long';
