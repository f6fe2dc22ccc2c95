// How variables of a deployment are read (docs/operations/deploy.md).

@description('The words of a text; of an empty one there are none.')
@export()
func wordsOf(text string) string[] => filter(split(text, ' '), word => !empty(word))

@description('Norwegian telephone numbers, as alerts take them.')
@export()
func phonesOf(text string) { countryCode: string, phoneNumber: string }[] => map(wordsOf(text), number => { countryCode: '47', phoneNumber: number })
