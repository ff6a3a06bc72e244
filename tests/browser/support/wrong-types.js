/** Wrong, so that the test of the types can see that it sees. @type {number} */
export const length = 'long';
