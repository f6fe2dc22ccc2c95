/** Public keys of age. */
export const AGE_KEY = 'age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z'
export const OTHER_AGE_KEY = 'age157kqlzw394gurfndzphmvjsler4s0y38syd66p8d8lvhttql9aqswn76le'
