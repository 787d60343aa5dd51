import type { RegionId } from './model.ts'

export type Proposal = { region: RegionId; reason: string } | { region: undefined; reason: string }

// ISO 3166-1 alpha-2. A country whose law keeps personal data inside a union or state gets a region inside it;
// others get the nearest one. A country that is not named gets no proposal: somebody chooses.
const COUNTRIES: Record<RegionId, string> = {
  'eu-ireland': 'IE',
  'eu-frankfurt':
    'AT BE BG HR CY CZ DE DK EE ES FI FR GR HU IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO CH AD MC SM VA AL BA MD ME MK RS UA TR IL GE AM AZ',
  uk: 'GB GG JE IM GI',
  us: 'US CA MX BR AR CL CO PE UY PY BO EC VE CR PA GT HN NI SV DO PR JM TT BS BB',
  australia: 'AU NZ FJ PG WS TO VU',
  singapore: 'SG MY ID TH VN PH BN KH LA MM TL',
  japan: 'JP KR TW',
  india: 'IN LK BD NP BT MV',
}

const INSIDE_EU =
  'AT BE BG HR CY CZ DE DK EE ES FI FR GR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO'.split(' ')

/** Why an account's data lie where they lie: the proposal for its country, or that somebody chose another region. */
export function reasonOf(region: RegionId, country: string): { en: string; sv: string } {
  const proposal = proposeRegion(country)
  const pinned = {
    en: 'Chosen at sign-up and frozen since.',
    sv: 'Vald vid registreringen och låst sedan dess.',
  }
  if (proposal.region === undefined)
    return {
      en: `No region is proposed for ${country}; it was chosen by hand. ${pinned.en}`,
      sv: `Ingen region föreslås för ${country}; den valdes för hand. ${pinned.sv}`,
    }
  if (proposal.region !== region)
    return {
      en: `${proposal.region} is proposed for ${country}; ${region} was chosen instead. ${pinned.en}`,
      sv: `För ${country} föreslås ${proposal.region}; ${region} valdes i stället. ${pinned.sv}`,
    }
  return INSIDE_EU.includes(country)
    ? {
        en: `${country} is in the European Economic Area, and ${region} keeps the data inside it. ${pinned.en}`,
        sv: `${country} ligger i Europeiska ekonomiska samarbetsområdet, och ${region} håller kvar data där. ${pinned.sv}`,
      }
    : {
        en: `${region} is the region for ${country}. ${pinned.en}`,
        sv: `${region} är regionen för ${country}. ${pinned.sv}`,
      }
}

/** Which region a customer from this country (ISO 3166-1 alpha-2, upper case) is proposed, and why. */
export function proposeRegion(country: string): Proposal {
  for (const [region, countries] of Object.entries(COUNTRIES))
    if (countries.split(' ').includes(country))
      return {
        region: region as RegionId,
        reason: INSIDE_EU.includes(country)
          ? `${country} is in the European Economic Area; ${region} keeps the data inside it.`
          : `${region} is the region for ${country}.`,
      }
  return { region: undefined, reason: `No region is proposed for ${country}; choose one.` }
}
