/** Titles of the built-in profiles and their stages, by the server's own word; none differs in English. */
export default {};
