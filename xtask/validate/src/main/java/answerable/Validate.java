package answerable;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;

/**
 * Validates files of one JSON resource each against FHIR R4. The file that validate.files names has
 * their paths, one a line; the one that validate.codes names is a Bundle of our own code systems.
 * Fails if one of them has an error; counts what is less than an error.
 */
public final class Validate {
  private Validate() {}

  public static void main(String[] arguments) throws Exception {
    FhirContext context = FhirContext.forR4();
    PrePopulatedValidationSupport own = new PrePopulatedValidationSupport(context);
    String codes = Files.readString(Path.of(System.getProperty("validate.codes")));
    for (BundleEntryComponent entry : context.newJsonParser().parseResource(Bundle.class, codes).getEntry()) {
      own.addCodeSystem(entry.getResource());
    }
    FhirValidator validator = context.newValidator();
    validator.registerValidatorModule(
        new FhirInstanceValidator(
            new ValidationSupportChain(
                new DefaultProfileValidationSupport(context),
                own,
                new InMemoryTerminologyServerValidationSupport(context),
                new CommonCodeSystemsTerminologyService(context))));
    long errors = 0;
    Map<String, Long> others = new TreeMap<>();
    for (String file : Files.readAllLines(Path.of(System.getProperty("validate.files")))) {
      String resource = Files.readString(Path.of(file), StandardCharsets.UTF_8);
      for (SingleValidationMessage message : validator.validateWithResult(resource).getMessages()) {
        if (message.getSeverity().compareTo(ResultSeverityEnum.ERROR) >= 0) {
          errors++;
          System.out.println(file + ": " + message.getLocationString() + ": " + message.getMessage());
        } else {
          // One line for each kind, whatever names and numbers it has.
          String kind = message.getSeverity() + ": " + message.getMessage();
          others.merge(kind.replaceAll("\\d+|'[^']*'|#[a-z-]+", "…"), 1L, Long::sum);
        }
      }
    }
    others.forEach((kind, count) -> System.out.println(count + " × " + kind));
    if (errors > 0) {
      throw new IllegalStateException(errors + " errors");
    }
  }
}
